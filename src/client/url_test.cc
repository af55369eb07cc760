#include <gtest/gtest.h>

#include "sampan/get.h"

namespace sampan {
namespace {

TEST(ParseGetUrl, ReadsBothForms) {
  const auto bare = parse_get_url("tcp://127.0.0.1/dir/%E4%BD%A0%20a?b#c");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->host, "127.0.0.1");
  EXPECT_EQ(bare->port, 7890);
  EXPECT_EQ(bare->name, "dir/\xe4\xbd\xa0 a?b#c");
  EXPECT_FALSE(bare->http_first);
  const auto open = parse_get_url("[::1]:8000/100%.txt");
  ASSERT_TRUE(open);
  EXPECT_EQ(open->host, "::1");
  EXPECT_EQ(open->port, 8000);
  EXPECT_EQ(open->name, "100%.txt");
  EXPECT_TRUE(open->http_first);
  EXPECT_EQ(parse_get_url("h/a://b")->name, "a://b");
}

TEST(ParseGetUrl, RefusesTheRest) {
  for (const char* bad : {"", "tcp://", "tcp://h", "tcp://h/", "tcp://h:0/a", "tcp:///a", "ftp://h/a", "tcp://h/a%00b",
                          "tcp://127.0.0/a", "h:x/a"}) {
    EXPECT_FALSE(parse_get_url(bad)) << bad;
  }
  EXPECT_FALSE(parse_get_url("tcp://h/" + std::string(5000, 'a')));
}

}  // namespace
}  // namespace sampan
