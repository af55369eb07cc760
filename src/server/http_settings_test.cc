#include "server/http_settings.h"

#include <gtest/gtest.h>

namespace sampan::serving {
namespace {

using namespace std::string_literals;

TEST(CheckHeader, TakesWhatCanBeSent) {
  for (const char* good :
       {"X-A: b", "X-A:b", "X-A:", "X-A: ", "X-A: \t b", "x: a:b", "X!#$%&'*+-.^_`|~9: b", "X: h\xc3\xa9 \xff",
        "Cache-Control: max-age=60", "Server: me", "Set-Cookie: a=b", "Content-Security-Policy: default-src 'self'",
        "X-Content-Length: 5", "Dates: today", "Access-Control-Allow-Origin: https://h"}) {
    EXPECT_TRUE(check_header(good)) << good;
  }
}

TEST(CheckHeader, RefusesWhatCannot) {
  for (const std::string& bad : {""s,         "X"s,
                                 ":"s,        ": b"s,
                                 " X: b"s,    "X : b"s,
                                 "X Y: b"s,   "X\t: b"s,
                                 "(X): b"s,   "X[]: b"s,
                                 "\"X\": b"s, "X\xc3\xa9: b"s,
                                 "X/Y: b"s,   "X: a\r\nB: c"s,
                                 "X: a\nb"s,  "X: a\r"s,
                                 "X: a\n"s,   "\r\nX: a"s,
                                 "X: a\0b"s,  "X\0: a"s,
                                 "X: \x1b"s,  "X: \x7f"s,
                                 "X: \x01"s,  "GET / HTTP/1.1"s}) {
    const auto checked = check_header(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code(), errc::bad_value) << bad;
  }
}

TEST(CheckHeader, LeavesTheServerItsOwn) {
  for (const std::string name : {"Accept-Ranges",
                                 "Allow",
                                 "Connection",
                                 "Content-Encoding",
                                 "Content-Length",
                                 "Content-Range",
                                 "Content-Type",
                                 "Date",
                                 "ETag",
                                 "Keep-Alive",
                                 "Last-Modified",
                                 "Location",
                                 "TE",
                                 "Trailer",
                                 "Transfer-Encoding",
                                 "Upgrade",
                                 "Vary",
                                 "content-LENGTH",
                                 "eTAG",
                                 "repr-digest"}) {
    EXPECT_FALSE(check_header(name + ": x")) << name;
    EXPECT_FALSE(check_header(name + ":")) << name;
  }
}

TEST(HttpSettings, HaveDefaults) {
  const http_settings settings{serve_options{}};
  EXPECT_EQ(settings.always, "X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n");
  EXPECT_EQ(settings.preflight, "");
}

TEST(HttpSettings, PutGivenHeadersInPlaceOfDefaults) {
  serve_options options;
  options.headers = {"X-A:b:c", "CACHE-CONTROL: \t max-age=60", "X-Empty:", "X-Blank:  ", "X-A: again"};
  const http_settings settings(options);
  EXPECT_EQ(settings.always,
            "X-Content-Type-Options: nosniff\r\n"
            "X-A: b:c\r\n"
            "CACHE-CONTROL: max-age=60\r\n"
            "X-Empty: \r\n"
            "X-Blank: \r\n"
            "X-A: again\r\n");
  options.headers = {"x-content-type-options: none"};
  EXPECT_EQ(http_settings(options).always, "Cache-Control: no-cache\r\nx-content-type-options: none\r\n");
}

TEST(HttpSettings, LetOtherSitesReadWhenAsked) {
  serve_options options;
  options.cors = true;
  const http_settings settings(options);
  EXPECT_EQ(settings.always,
            "X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n"
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Expose-Headers: Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, "
            "Repr-Digest\r\n");
  EXPECT_EQ(settings.preflight,
            "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
            "Access-Control-Allow-Headers: *, Authorization, If-Range, Range\r\n"
            "Access-Control-Max-Age: 86400\r\n");
}

}  // namespace
}  // namespace sampan::serving
