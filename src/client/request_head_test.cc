#include "client/request_head.h"

#include <gtest/gtest.h>

namespace sampan::client {
namespace {

get_source source_of(const char* url) {
  auto source = parse_get_url(url);
  EXPECT_TRUE(source) << url;
  return source ? *source : get_source();
}

std::string request_of(const char* url, const request& what = {}, const request_words& words = {}) {
  return write_request(source_of(url), what, words);
}

TEST(RequestHead, HasTheFieldsAndNoMore) {
  EXPECT_EQ(request_of("http://example.org/a/b%20c?x=1"),
            "GET /a/b%20c?x=1 HTTP/1.1\r\nHost: example.org\r\nUser-Agent: sampan/" SAMPAN_VERSION
            "\r\nAccept: */*\r\nAccept-Encoding: identity\r\n\r\n");
}

TEST(RequestHead, NamesTheHost) {
  EXPECT_EQ(host_field(source_of("http://h/a")), "h");
  EXPECT_EQ(host_field(source_of("http://h:80/a")), "h");
  EXPECT_EQ(host_field(source_of("https://h:443/a")), "h");
  EXPECT_EQ(host_field(source_of("https://h:80/a")), "h:80");
  EXPECT_EQ(host_field(source_of("http://h:8000/a")), "h:8000");
  EXPECT_EQ(host_field(source_of("h/a")), "h");
  EXPECT_EQ(host_field(source_of("http://[::1]/a")), "[::1]");
  EXPECT_EQ(host_field(source_of("http://[::1]:8000/a")), "[::1]:8000");
  EXPECT_EQ(host_field(source_of("http://[fe80::1%lo]:8000/a")), "[fe80::1]:8000");
}

TEST(RequestHead, FitsIntoWhatTheCourseServerReads) {
  request_words words;
  words.want_digest = true;
  EXPECT_LT(request_of(("h/" + std::string(255, 'a')).c_str(), {}, words).size(), 1024U);
}

TEST(RequestHead, AsksForParts) {
  request what;
  what.range = interval{5, 10};
  what.if_range = "\"a\"";
  EXPECT_NE(request_of("http://h/a", what).find("\r\nRange: bytes=5-9\r\nIf-Range: \"a\"\r\n"), std::string::npos);
  what.range = interval{5, UINT64_MAX};
  EXPECT_NE(request_of("http://h/a", what).find("\r\nRange: bytes=5-\r\n"), std::string::npos);
  what.head = true;
  EXPECT_TRUE(request_of("http://h/a", what).starts_with("HEAD /a HTTP/1.1\r\n"));
}

TEST(RequestHead, TheUsersFieldsTakeThePlaceOfOurs) {
  request_words words;
  words.fields = {"user-agent: mine", "X-Other: 1"};
  const std::string text = request_of("http://h/a", {}, words);
  EXPECT_EQ(text.find("sampan/"), std::string::npos);
  EXPECT_NE(text.find("\r\nuser-agent: mine\r\nX-Other: 1\r\n\r\n"), std::string::npos);
}

TEST(RequestHead, SpeaksToProxies) {
  request_words words;
  words.by_proxy = true;
  words.proxy_authorization = basic_credentials("u", "p:w");
  const std::string text = request_of("http://h:8000/a", {}, words);
  EXPECT_TRUE(text.starts_with("GET http://h:8000/a HTTP/1.1\r\nHost: h:8000\r\n"));
  EXPECT_NE(text.find("\r\nProxy-Authorization: Basic dTpwOnc=\r\n"), std::string::npos);
  EXPECT_TRUE(write_connect(source_of("https://[::1]/a"), words)
                  .starts_with("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"));
}

}  // namespace
}  // namespace sampan::client
