#include "client/verdict.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::client {
namespace {

using http::body_end;

result<http::body_framing> judged(const std::string& head) {
  http::response_parser parser;
  EXPECT_EQ(parser.feed("HTTP/1.1 " + head + "\n\n").now, http::response_parser::state::complete) << head;
  return judge(parser.head(), "name");
}

TEST(Verdict, TakesTheFile) {
  EXPECT_EQ(judged("200 OK")->end, body_end::close);
  EXPECT_EQ(judged("200 OK\nContent-Length: 7")->length, 7U);
  EXPECT_EQ(judged("200 OK\nTransfer-Encoding: chunked")->end, body_end::chunked);
  EXPECT_TRUE(judged("200 OK\nContent-Encoding: Identity"));
  EXPECT_TRUE(judged("200 OK\nContent-Encoding:"));
}

struct row {
  const char* head;
  errc code;
  std::string detail;
};

TEST(Verdict, RefusesTheRest) {
  const row table[] = {
      {"404 Not Found", errc::no_such_file, "404 Not Found"},
      {"404 Not Found\nContent-Length: 1, 2", errc::no_such_file, "404 Not Found"},
      {"410", errc::no_such_file, "410"},
      {"500 Oh no", errc::refused_by_peer, "500 Oh no"},
      {"403 Forbidden\nLocation: /x", errc::refused_by_peer, "403 Forbidden"},
      {"301 Moved\nLocation: http://h/x", errc::redirected, "http://h/x"},
      {"302 Found\nLocation:", errc::refused_by_peer, "302 Found"},
      {"304 Not Modified", errc::refused_by_peer, "304 Not Modified"},
      {"101 Switching Protocols", errc::unexpected_answer, "101 Switching Protocols"},
      {"204 No Content", errc::unexpected_answer, "204 No Content"},
      {"206 Partial Content", errc::unexpected_answer, "206 Partial Content"},
      {"200 OK\nContent-Encoding: gzip", errc::unexpected_answer, "Content-Encoding: gzip"},
      {"200 OK\nContent-Encoding: identity\nContent-Encoding: br", errc::unexpected_answer, "Content-Encoding: br"},
      {"200 OK\nContent-Length: x", errc::malformed_answer, "bad Content-Length"},
      {"200 OK\nTransfer-Encoding: gzip, chunked", errc::malformed_answer, "unknown Transfer-Encoding: gzip, chunked"},
      {"200 OK\nTransfer-Encoding: chunked\nContent-Length: 1", errc::malformed_answer,
       "both Transfer-Encoding and Content-Length"},
  };
  for (const auto& row : table) {
    const auto got = judged(row.head);
    ASSERT_FALSE(got) << row.head;
    EXPECT_EQ(got.error().code(), row.code) << row.head;
    EXPECT_EQ(got.error().subject(), "name");
    EXPECT_EQ(got.error().detail(), row.detail) << row.head;
  }
}

TEST(Verdict, CutsWhatTheServerSays) {
  EXPECT_LT(judged("500 " + std::string(10'000, 'x')).error().detail().size(), 600U);
  EXPECT_LT(judged("302 X\nLocation: /" + std::string(10'000, 'x')).error().detail().size(), 600U);
}

}  // namespace
}  // namespace sampan::client
