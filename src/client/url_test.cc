#include "client/url.h"

#include <gtest/gtest.h>

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
  for (const char* bad : {"",
                          "tcp://",
                          "tcp://h",
                          "tcp://h/",
                          "tcp://h:0/a",
                          "tcp:///a",
                          "ftp://h/a",
                          "tcp://h/a%00b",
                          "tcp://127.0.0/a",
                          "h:x/a",
                          "http://",
                          "http:///a",
                          "http://h:0/a",
                          "tcp://u@h/a",
                          "u:p@h/a",
                          "http://h/a%00b",
                          "http://[::1/a",
                          "http:/h/a",
                          "https://",
                          "http://\xc3\xa4/a",
                          "http://u@/a",
                          "http://a%3Ab@h/a",
                          "http://u:p%0a@h/a",
                          "http://u\x7f@h/a",
                          "://h/a",
                          "http://h\\@g/a"}) {
    EXPECT_FALSE(parse_get_url(bad)) << bad;
  }
  EXPECT_FALSE(parse_get_url("tcp://h/" + std::string(5000, 'a')));
  EXPECT_TRUE(parse_get_url("http://h/" + std::string(7999, 'a')));
  EXPECT_FALSE(parse_get_url("http://h/" + std::string(8000, 'a')));
}

TEST(ParseGetUrl, ReadsHttps) {
  const auto plain = parse_get_url("HTTPS://h/a");
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->tls);
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->protocol, get_protocol::http);
  EXPECT_EQ(plain->request_target, "/a");
  EXPECT_FALSE(parse_get_url("http://h/a")->tls);
  EXPECT_EQ(parse_get_url("https://h:8443/a")->port, 8443);
  EXPECT_EQ(parse_get_url("https://h:/a")->port, 443);
}

struct credentials_row {
  const char* url;
  const char *user, *password;
  bool has;
};

TEST(ParseGetUrl, ReadsCredentials) {
  const credentials_row table[] = {
      {"http://u:p@h/a", "u", "p", true},
      {"http://u@h/a", "u", "", true},
      {"http://:p@h/a", "", "p", true},
      {"http://:@h/a", "", "", true},
      {"http://@h/a", "", "", false},
      {"http://h/a", "", "", false},
      {"http://h/u:p@a", "", "", false},
      {"http://u:p:q@h/a", "u", "p:q", true},
      {"http://u@x:p@q@h/a", "u@x", "p@q", true},
      {"http://%e4%BD%a0%20:%3a%40%2f@h/a", "\xe4\xbd\xa0 ", ":@/", true},
      {"http://u:p@h:80?x@y", "u", "p", true},
  };
  for (const auto& row : table) {
    const auto got = parse_get_url(row.url);
    ASSERT_TRUE(got) << row.url;
    EXPECT_EQ(got->host, "h") << row.url;
    EXPECT_EQ(got->port, 80) << row.url;
    EXPECT_EQ(got->user, row.user) << row.url;
    EXPECT_EQ(got->password, row.password) << row.url;
    EXPECT_EQ(got->has_credentials, row.has) << row.url;
  }
}

TEST(ParseGetUrl, ShowsNoCredentialsInErrors) {
  for (const char* bad :
       {"ftp://user:secret@h/a", "http://user:secret@h:x/a", "http://user:secret@/a", "tcp://user:secret@h/a",
        "user:secret@h/a", "http://user:secret%01@h/a", "http://user:secret@h/a%00", "https://user:secret@-/",
        "user:secret@h/a://b", "nntp://a@b:secret@h"}) {
    const auto got = parse_get_url(bad);
    ASSERT_FALSE(got) << bad;
    EXPECT_EQ(got.error().message().find("secret"), std::string::npos) << got.error().message();
  }
}

namespace client_tests {

using client::resolve_location;
using client::same_origin;
using client::url_of;

std::string resolve(std::string_view base, std::string_view location) {
  const auto got = resolve_location(*parse_get_url(base), location);
  return got ? url_of(*got) : "error";
}

TEST(ResolveLocation,
     KnowsTheExamplesOfTheRfc) {  // RFC 3986 5.4, but for those with another scheme, and without fragments
  const std::pair<const char*, const char*> table[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/../x", "http://a/b/c/g"},
  };
  for (const auto& [location, url] : table) EXPECT_EQ(resolve("http://a/b/c/d;p?q", location), url) << location;
}

TEST(ResolveLocation, GoesToOtherPlaces) {
  const std::pair<const char*, const char*> table[] = {
      {"http://b/x", "http://b/x"},
      {"HTTPS://b/x", "https://b/x"},
      {"https://b:8443/x?y#z", "https://b:8443/x?y"},
      {"http://b:/x", "http://b/x"},
      {"http://b:80", "http://b/"},
      {"https://b?q", "https://b/?q"},
      {"//b/x", "https://b/x"},
      {"//b:443/x", "https://b/x"},
      {"/x", "https://a:444/x"},
      {"http://[::1]:81/x", "http://[::1]:81/x"},
      {"http://b/x/../../y/./z/..", "http://b/y/"},
      {"http://b/x//../y", "http://b/x/y"},
      {"/a b\xe4\xbd\xa0?q \xe4", "https://a:444/a%20b%E4%BD%A0?q%20%E4"},
      {"/100%?%zz%41", "https://a:444/100%25?%25zz%41"},
      {"/a\tb<>\"", "https://a:444/a%09b%3C%3E%22"},
      {" /x\t", "https://a:444/x"},
      {"a/b:c", "https://a:444/a/b:c"},
      {"./b:c", "https://a:444/b:c"},
      {"?a:b", "https://a:444/?a:b"},
      {"/%2e%2e/x", "https://a:444/%2e%2e/x"},
      {"\\\\evil/x", "https://a:444/%5C%5Cevil/x"},
      {"/\\evil/x", "https://a:444/%5Cevil/x"},
      {"///x", "error"},
      {"/..//b/x", "https://a:444//b/x"},  // a path, not another host
  };
  for (const auto& [location, url] : table) EXPECT_EQ(resolve("https://a:444/", location), url) << location;
  EXPECT_EQ(resolve("a:444/d/e?f", "g"), "http://a:444/d/g");  // a base without a scheme
}

TEST(ResolveLocation, GivesTheNameAnew) {
  const auto got = resolve_location(*parse_get_url("http://h/old?q"), "/d/%C3%A4 b.txt?x");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->name, "d/\xc3\xa4 b.txt");
  EXPECT_EQ(got->protocol, get_protocol::http);
}

TEST(ResolveLocation, RefusesTheRest) {
  for (const char* bad : {"",
                          " ",
                          "file:///etc/passwd",
                          "javascript:alert(1)",
                          "ftp://h/a",
                          "tcp://h/a",
                          "data:,x",
                          "http:",
                          "http:x",
                          "http:/x",
                          "http://",
                          "http:///x",
                          "https:?x",
                          "http://h:0/",
                          "http://h:99999/",
                          "http://h:8x/",
                          "http://\xc3\xa4.example/",
                          "http://a b/",
                          "http://[::1/",
                          "http://127.0.0/",
                          "http://%68/",
                          "/a%00b",
                          "//",
                          "mailto:a@b",
                          "h:80/x"}) {
    EXPECT_EQ(resolve("http://h/a", bad), "error") << bad;
  }
  EXPECT_EQ(resolve("http://h/a", '/' + std::string(7999, 'a')).size(), 8008U);
  EXPECT_EQ(resolve("http://h/a", '/' + std::string(8000, 'a')), "error");
  EXPECT_EQ(resolve("http://h/a", '/' + std::string(2667, ' ') + 'x'), "error");
  const auto named = resolve_location(*parse_get_url("http://h/a"), "gopher://u:secret@h/" + std::string(10'000, 'a'));
  ASSERT_FALSE(named);
  EXPECT_TRUE(named.error().subject().starts_with("gopher://h/aaa"));
  EXPECT_LT(named.error().message().size(), 500U);
}

TEST(ResolveLocation, KeepsCredentialsWithinTheirOriginOnly) {
  const auto base = *parse_get_url("http://u:p@h/a");
  for (const char* same : {"b", "/b", "//h/b", "http://H:80/b", "http://x:y@h/b", "http://a%3Ab@h/b"}) {
    const auto got = resolve_location(base, same);
    ASSERT_TRUE(got) << same;
    EXPECT_TRUE(got->has_credentials && got->user == "u" && got->password == "p") << same;
  }
  for (const char* other : {"https://h/b", "http://h:81/b", "http://g/b", "//x:y@g/b", "http://h.example/b"}) {
    const auto got = resolve_location(base, other);
    ASSERT_TRUE(got) << other;
    EXPECT_FALSE(got->has_credentials || !got->user.empty() || !got->password.empty()) << other;
  }
  const auto none = resolve_location(*parse_get_url("http://h/a"), "http://x:y@h/b");
  EXPECT_FALSE(none->has_credentials || !none->user.empty());
}

TEST(SameOrigin, ComparesSchemeHostAndPort) {
  const auto a = *parse_get_url("http://host/a");
  EXPECT_TRUE(same_origin(a, *parse_get_url("http://u@HOST:80/b?c")));
  EXPECT_FALSE(same_origin(a, *parse_get_url("https://host:80/a")));
  EXPECT_FALSE(same_origin(a, *parse_get_url("http://host:81/a")));
  EXPECT_FALSE(same_origin(a, *parse_get_url("http://host2/a")));
}

TEST(UrlOf, WritesWhatCanBeReadAgain) {
  for (const char* url : {"http://h/", "https://h/a%20b?c", "http://h:81/", "https://h:80/", "http://[::1]/a",
                          "tcp://h/d/%E4%20b", "tcp://h:1/a%3Fb"}) {
    EXPECT_EQ(url_of(*parse_get_url(url)), url);
  }
  EXPECT_EQ(url_of(*parse_get_url("https://u:p@h:443/a")), "https://h/a");
}

}  // namespace client_tests

}  // namespace
}  // namespace sampan
