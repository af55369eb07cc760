#include "client/http_exchange.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::client {
namespace {

std::string request_of(const char* url) {
  const auto source = parse_get_url(url);
  EXPECT_TRUE(source) << url;
  return source ? http_request(*source) : "";
}

TEST(HttpRequest, HasTheFieldsAndNoMore) {
  EXPECT_EQ(request_of("http://example.org/a/b%20c?x=1"),
            "GET /a/b%20c?x=1 HTTP/1.1\r\nHost: example.org\r\nUser-Agent: sampan/" SAMPAN_VERSION
            "\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n");
}

TEST(HttpRequest, NamesTheHost) {
  const auto host_of = [](const char* url) {
    const std::string request = request_of(url);
    const auto start = request.find("Host: ") + 6;
    return request.substr(start, request.find('\r', start) - start);
  };
  EXPECT_EQ(host_of("http://h/a"), "h");
  EXPECT_EQ(host_of("http://h:80/a"), "h");
  EXPECT_EQ(host_of("http://h:8000/a"), "h:8000");
  EXPECT_EQ(host_of("h/a"), "h");
  EXPECT_EQ(host_of("h:80/a"), "h");
  EXPECT_EQ(host_of("http://[::1]/a"), "[::1]");
  EXPECT_EQ(host_of("http://[::1]:8000/a"), "[::1]:8000");
  EXPECT_EQ(host_of("http://[fe80::1%lo]:8000/a"), "[fe80::1]:8000");
}

TEST(HttpRequest, FitsIntoWhatTheCourseServerReads) {
  EXPECT_LT(request_of(("h/" + std::string(255, 'a')).c_str()).size(), 1024U);
}

}  // namespace
}  // namespace sampan::client
