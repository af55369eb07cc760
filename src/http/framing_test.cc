#include "http/framing.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::http {
namespace {

struct parsed {
  parse_result result;
  request_head head;
  std::string bytes;  // what the views of `head` are into
};

parsed parse(const std::string& lines, const std::string& version = "1.1") {
  parsed all;
  all.bytes = "POST / HTTP/" + version + "\r\n" + lines + "\r\n";
  parse_progress progress;
  all.result = parse_request(all.bytes, {}, progress, all.head);
  return all;
}

int code_of(const std::string& lines, const std::string& version = "1.1") { return parse(lines, version).result.code; }

const std::string host = "Host: h\r\n";

TEST(Host, IsThereOnce) {
  EXPECT_EQ(code_of(host), 0);
  EXPECT_EQ(code_of("Host:\r\n"), 0);
  EXPECT_EQ(code_of(""), 400);
  EXPECT_EQ(code_of("", "1.9"), 400);
  EXPECT_EQ(code_of("", "1.0"), 0);
  EXPECT_EQ(code_of(host, "1.0"), 0);
  for (const std::string version : {"1.0", "1.1"}) EXPECT_EQ(code_of(host + "HOST: h\r\n", version), 400);
}

TEST(ContentLength, IsOneNumber) {
  const std::pair<const char*, std::uint64_t> good[] = {
      {"5", 5}, {"05", 5}, {"5, 5", 5}, {"5,\t5 ,05", 5}, {"9223372036854775807", 9223372036854775807}};
  for (const auto& [value, length] : good) {
    const auto got = parse(host + "Content-Length: " + value + "\r\n");
    EXPECT_EQ(got.result.code, 0) << value;
    EXPECT_EQ(got.head.body, body_kind::length) << value;
    EXPECT_EQ(got.head.content_length, length) << value;
  }
  for (const char* bad : {"", "abc", "-1", "+5", "5 5", "0x5", "5.0", "5, 6", "5,", ",5", "5,,5", "9223372036854775808",
                          "18446744073709551616", "18446744073709551621", "99999999999999999999999999"}) {
    EXPECT_EQ(code_of(host + "Content-Length: " + bad + "\r\n"), 400) << bad;
  }
}

TEST(ContentLength, MayBeRepeatedButNotDiffer) {
  const std::string five = "Content-Length: 5\r\n";
  EXPECT_EQ(parse(host + five + "X: 1\r\n" + five).head.content_length, 5U);
  EXPECT_EQ(code_of(host + five + "X: 1\r\n" + five), 0);
  EXPECT_EQ(code_of(host + five + "Content-Length: 6\r\n"), 400);
  EXPECT_EQ(code_of(host + five + "Content-Length: 0\r\n"), 400);
  EXPECT_EQ(code_of(host + "Content-Length: 0\r\n" + five), 400);
  EXPECT_EQ(code_of(host + five + "Content-Length:\r\n"), 400);
}

TEST(ContentLength, OfNothingIsNoBody) {
  const auto got = parse(host + "Content-Length: 0\r\n");
  EXPECT_EQ(got.result.code, 0);
  EXPECT_EQ(got.head.body, body_kind::none);
  EXPECT_TRUE(got.head.has(known::content_length));
}

TEST(TransferEncoding, IsChunkedOrRefused) {
  for (const std::string value : {"chunked", "CHUNKED", " chunked\t"}) {
    const auto got = parse(host + "Transfer-Encoding: " + value + "\r\n");
    EXPECT_EQ(got.result.code, 0) << value;
    EXPECT_EQ(got.head.body, body_kind::chunked) << value;
  }
  const std::pair<const char*, int> bad[] = {
      {"gzip", 501},      {"identity", 501},      {"gzip, chunked", 501},    {"gzip;q=1", 501},
      {"xchunked", 501},  {"chunked, gzip", 400}, {"chunked, chunked", 400}, {"", 400},
      {"chunked,", 400},  {",chunked", 400},      {"chunked;a=b", 400},      {"\"chunked\"", 400},
      {"chunked x", 400}, {"gzip chunked", 400}};
  for (const auto& [value, code] : bad) {
    EXPECT_EQ(code_of(host + "Transfer-Encoding: " + value + "\r\n"), code) << value;
  }
}

TEST(TransferEncoding, StandsAlone) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(code_of(host + chunked + "Content-Length: 5\r\n"), 400);
  EXPECT_EQ(code_of(host + "Content-Length: 0\r\n" + chunked), 400);
  EXPECT_EQ(code_of(host + chunked + chunked), 400);
  EXPECT_EQ(code_of(host + chunked + "Transfer-Encoding: gzip\r\n"), 400);
  EXPECT_EQ(code_of(host + "Transfer-Encoding: gzip\r\n" + chunked), 501);
  EXPECT_EQ(code_of(host + chunked, "1.0"), 400);
}

TEST(Connection, KeepsOrCloses) {
  struct row {
    const char *version, *lines;
    bool keep;
  };
  const row rows[] = {
      {"1.1", "", true},
      {"1.0", "", false},
      {"1.9", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: CLOSE\r\n", false},
      {"1.1", "Connection: closed, x\r\n", true},
      {"1.1", "Connection: upgrade ,\tclose\r\n", false},
      {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
      {"1.1", "Connection: close\r\nX: 1\r\nConnection: keep-alive\r\n", false},
      {"1.1", "Connection:\r\n", true},
      {"1.0", "Connection: Keep-Alive\r\n", true},
      {"1.0", "Connection: x, keep-alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
      {"1.0", "Connection: x\r\nConnection: keep-alive\r\n", true},
  };
  for (const auto& one : rows) EXPECT_EQ(parse(host + one.lines, one.version).head.keep_alive, one.keep) << one.lines;
}

TEST(Expect, IsReadInHttp11Only) {
  const auto flags = [](const std::string& value, const std::string& version = "1.1") {
    const auto got = parse(host + "Expect: " + value + "\r\n", version);
    return std::pair(got.head.expects_continue, got.head.unknown_expectation);
  };
  using pair = std::pair<bool, bool>;
  EXPECT_EQ(flags("100-continue"), pair(true, false));
  EXPECT_EQ(flags("100-CONTINUE"), pair(true, false));
  EXPECT_EQ(flags("200-ok"), pair(false, true));
  EXPECT_EQ(flags("100-continue;x"), pair(false, true));
  EXPECT_EQ(flags("100-continue, other"), pair(true, true));
  EXPECT_EQ(flags(""), pair(false, false));
  EXPECT_EQ(flags("100-continue", "1.0"), pair(false, false));
  EXPECT_EQ(flags("other", "1.0"), pair(false, false));
  const auto two = parse(host + "Expect: 100-continue\r\nExpect: other\r\n");
  EXPECT_TRUE(two.head.expects_continue && two.head.unknown_expectation);
}

}  // namespace
}  // namespace sampan::http
