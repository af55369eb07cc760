#include "client/verdict.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::client {
namespace {

result<verdict> judged(const std::string& head, const request& asked = {}) {
  http::response_parser parser;
  EXPECT_EQ(parser.feed("HTTP/1.1 " + head + "\n\n").now, http::response_parser::state::complete) << head;
  return judge(parser.head(), http::framing_of(parser.head()), asked, "name");
}

request for_part() {
  request made;
  made.range = interval{5, 10};
  return made;
}

TEST(Verdict, TakesTheFile) {
  using kind = verdict::kind;
  EXPECT_EQ(judged("200 OK")->is, kind::whole);
  EXPECT_EQ(judged("200 OK")->size, std::nullopt);
  EXPECT_EQ(judged("200 OK\nContent-Length: 7")->size, 7U);
  EXPECT_EQ(judged("200 OK\nTransfer-Encoding: chunked")->size, std::nullopt);
  EXPECT_TRUE(judged("200 OK\nContent-Encoding: Identity"));
  EXPECT_TRUE(judged("200 OK\nContent-Encoding:"));
}

TEST(Verdict, TakesParts) {
  using kind = verdict::kind;
  const auto part = judged("206 x\nContent-Range: bytes 5-9/100\nContent-Length: 5", for_part());
  ASSERT_TRUE(part);
  EXPECT_EQ(part->is, kind::part);
  EXPECT_EQ(part->range.first, 5U);
  EXPECT_EQ(part->range.last, 9U);
  EXPECT_EQ(part->size, 100U);
  EXPECT_EQ(judged("206 x\nContent-Range: bytes 5-9/*", for_part())->size, std::nullopt);
  EXPECT_EQ(judged("200 x\nContent-Length: 5", for_part())->is, kind::whole);
  EXPECT_EQ(judged("412 x", for_part())->is, kind::changed);
  EXPECT_EQ(judged("416 x\nContent-Range: bytes */100", for_part())->size, 100U);
  EXPECT_EQ(judged("416 x", for_part())->is, kind::unsatisfied);
}

TEST(Verdict, PartsThatContradictThemselvesAreOfNoUse) {
  for (const char* const head :
       {"206 x\nContent-Range: bytes 9-5/100", "206 x\nContent-Range: bytes 5-100/100",
        "206 x\nContent-Range: bytes -5-9/100", "206 x\nContent-Range: bytes 5-99999999999999999999999/100",
        "206 x\nContent-Range: bytes 5-9/100\nContent-Length: 6", "206 x\nContent-Length: 5",
        "203 x\nContent-Length: 5", "206 x\nContent-Range: bytes 5-9/100\nContent-Encoding: gzip",
        "206 x\nContent-Range: bytes 5-9/100\nContent-Range: bytes 5-9/101"}) {
    const auto got = judged(head, for_part());
    ASSERT_TRUE(got) << head;
    EXPECT_EQ(got->is, verdict::kind::unusable) << head;
    EXPECT_NE(got->why, "") << head;
  }
}

TEST(Verdict, TellsWhatMayPass) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 520, 524}) {
    EXPECT_TRUE(may_pass(judged(std::to_string(status) + " x").error())) << status;
  }
  for (const int status : {400, 401, 403, 404, 410, 451, 501, 505}) {
    EXPECT_FALSE(may_pass(judged(std::to_string(status) + " x").error())) << status;
  }
  EXPECT_TRUE(may_pass(error::make(errc::cut_short, "get", "x")));
  EXPECT_FALSE(may_pass(error::make(errc::malformed_answer, "get", "x")));
  EXPECT_FALSE(may_pass(error::system(28, "write", "x")));
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
