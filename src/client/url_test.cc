#include <gtest/gtest.h>

#include "sampan/get.h"

namespace sampan {
namespace {

TEST(ParseGetUrl, ReadsBareNames) {
  const auto bare = parse_get_url("tcp://127.0.0.1/dir/%E4%BD%A0%20a?b#c");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->host, "127.0.0.1");
  EXPECT_EQ(bare->port, 7890);
  EXPECT_EQ(bare->name, "dir/\xe4\xbd\xa0 a?b#c");
  EXPECT_EQ(bare->protocol, get_protocol::bare);
  EXPECT_EQ(bare->request_target, "");
}

TEST(ParseGetUrl, ReadsTheFormWithoutScheme) {
  const auto open = parse_get_url("[::1]:8000/dir/100%.txt?b#c%2F\xe4");
  ASSERT_TRUE(open);
  EXPECT_EQ(open->host, "::1");
  EXPECT_EQ(open->port, 8000);
  EXPECT_EQ(open->name, "dir/100%.txt?b#c/\xe4");
  EXPECT_EQ(open->protocol, get_protocol::http_or_bare);
  EXPECT_EQ(open->request_target, "/dir/100%25.txt%3Fb%23c/%E4");
  EXPECT_EQ(parse_get_url("h/a://b")->name, "a://b");
  EXPECT_EQ(parse_get_url("h/a")->port, 80);
}

struct http_row {
  const char* url;
  const char* name;
  const char* target;
};

TEST(ParseGetUrl, ReadsHttp) {
  const http_row table[] = {
      {"http://h/a", "a", "/a"},
      {"HTTP://h/a", "a", "/a"},
      {"http://h", "", "/"},
      {"http://h/", "", "/"},
      {"http://h?q", "", "/?q"},
      {"http://h#f", "", "/"},
      {"http://h/d/a%20b?x=1/2#f", "d/a b", "/d/a%20b?x=1/2"},
      {"http://h/a b", "a b", "/a%20b"},
      {"http://h/%zz%4", "%zz%4", "/%25zz%254"},
      {"http://h/%e4%BD%a0\xe4\xbd\xa0", "\xe4\xbd\xa0\xe4\xbd\xa0", "/%e4%BD%a0%E4%BD%A0"},
      {"http://h/~-._!$&'()*+,;=:@", "~-._!$&'()*+,;=:@", "/~-._!$&'()*+,;=:@"},
      {"http://h/a\r\nX: y", "a\r\nX: y", "/a%0D%0AX:%20y"},
      {"http://h/a%2Fb", "a/b", "/a%2Fb"},
      {"http://h/../a", "../a", "/../a"},
  };
  for (const auto& row : table) {
    const auto got = parse_get_url(row.url);
    ASSERT_TRUE(got) << row.url;
    EXPECT_EQ(got->host, "h");
    EXPECT_EQ(got->port, 80);
    EXPECT_EQ(got->protocol, get_protocol::http);
    EXPECT_EQ(got->name, row.name) << row.url;
    EXPECT_EQ(got->request_target, row.target) << row.url;
  }
}

TEST(ParseGetUrl, RefusesTheRest) {
  for (const char* bad : {"", "tcp://", "tcp://h", "tcp://h/", "tcp://h:0/a", "tcp:///a", "ftp://h/a", "tcp://h/a%00b",
                          "tcp://127.0.0/a", "h:x/a", "https://h/a", "http://", "http:///a", "http://h:0/a",
                          "http://u:p@h/a", "http://u@h/a", "http://h/a%00b", "http://[::1/a", "http:/h/a"}) {
    EXPECT_FALSE(parse_get_url(bad)) << bad;
  }
  EXPECT_FALSE(parse_get_url("tcp://h/" + std::string(5000, 'a')));
  EXPECT_TRUE(parse_get_url("http://h/" + std::string(7999, 'a')));
  EXPECT_FALSE(parse_get_url("http://h/" + std::string(8000, 'a')));
}

}  // namespace
}  // namespace sampan
