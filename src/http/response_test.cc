#include "http/response.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::http {
namespace {

using namespace std::string_literals;
using state = response_parser::state;

// What a parser says of these bytes, in one piece of text that two runs can be compared by.
std::string told(std::initializer_list<std::string_view> pieces) {
  response_parser parser;
  std::string rest;
  state now = state::more;
  for (const auto piece : pieces) {
    const auto step = parser.feed(piece);
    if (now != state::more) {
      EXPECT_EQ(step.taken, 0U);
    }
    rest += piece.substr(step.taken);
    now = step.now;
  }
  if (now == state::more) return "more" + rest;
  if (now == state::malformed) return parser.problem();
  const auto& head = parser.head();
  std::string text =
      "1." + std::to_string(head.version_minor) + ' ' + std::to_string(head.status) + " [" + head.reason + ']';
  for (const auto& field : head.fields) text += ' ' + field.name + "=[" + field.value + ']';
  return rest.empty() ? text : text + " then " + rest;
}

struct row {
  std::string bytes;
  std::string want;
};

std::string fields(std::size_t number) {
  std::string text = "HTTP/1.1 200 OK\r\n";
  for (std::size_t i = 0; i < number; ++i) text += "a:b\r\n";
  return text + "\r\n";
}

std::string head_of_size(std::size_t size) {
  const std::string start = "HTTP/1.1 200 OK\r\nA: ";
  return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
}

const row rows[] = {
    {"HTTP/1.1 200 OK\r\n\r\n", "1.1 200 [OK]"},
    {"HTTP/1.0 404 Not Found\r\nServer: x y\r\nEmpty:\r\n\r\nbody",
     "1.0 404 [Not Found] Server=[x y] Empty=[] then body"},
    {"HTTP/1.1 200 OK\nA: b\n\nbody", "1.1 200 [OK] A=[b] then body"},
    {"HTTP/1.1 200\r\n\r\n", "1.1 200 []"},
    {"HTTP/1.1 200 \r\n\r\n", "1.1 200 []"},
    {"HTTP/1.7 599 \xe5\xa5\xbd\r\n\r\n", "1.7 599 [\xe5\xa5\xbd]"},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "1.1 100 [Continue] then HTTP/1.1 200 OK\r\n\r\n"},
    {"HTTP/1.1 200 OK\r\nA:\t b c \t\r\nA: d:e\r\n\r\n", "1.1 200 [OK] A=[b c] A=[d:e]"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n  c\r\n\t\r\n\td \r\nE: f\r\n\r\n", "1.1 200 [OK] A=[b c d] E=[f]"},
    {"HTTP/1.1 200 OK\r\nA:\r\n b\r\n\r\n", "1.1 200 [OK] A=[b]"},
    {"HTTP/1.1 200 OK\r\nA: \x01\x7f\xff\r\n\r\n", "1.1 200 [OK] A=[\x01\x7f\xff]"},
    {"HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~09azAZ: \r\n\r\n", "1.1 200 [OK] !#$%&'*+-.^_`|~09azAZ=[]"},

    {"", "more"},
    {"H", "more"},
    {"HTTP/1.1 200 OK\r\n", "more"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n\r", "more"},

    {"<html>", "it does not begin as HTTP/1 does"},
    {"\r\nHTTP/1.1 200 OK\r\n\r\n", "it does not begin as HTTP/1 does"},
    {"\x15\x03\x01", "it does not begin as HTTP/1 does"},
    {"http/1.1 200 OK\r\n\r\n", "it does not begin as HTTP/1 does"},
    {"HTTP/2.0 200 OK\r\n\r\n", "it does not begin as HTTP/1 does"},
    {"HTTP/9.9 200 OK\r\n\r\n", "it does not begin as HTTP/1 does"},
    {"HTTP/1.1\r\n\r\n", "bad status line"},
    {"HTTP/1.1 \r\n\r\n", "bad status line"},
    {"HTTP/1.x 200 OK\r\n\r\n", "bad status line"},
    {"HTTP/1.11 200 OK\r\n\r\n", "bad status line"},
    {"HTTP/1.1  200 OK\r\n\r\n", "bad status line"},
    {"HTTP/1.1\t200 OK\r\n\r\n", "bad status line"},
    {"HTTP/1.1 42\r\n\r\n", "bad status line"},
    {"HTTP/1.1 042 X\r\n\r\n", "bad status line"},
    {"HTTP/1.1 600 X\r\n\r\n", "bad status line"},
    {"HTTP/1.1 999 X\r\n\r\n", "bad status line"},
    {"HTTP/1.1 2000 X\r\n\r\n", "bad status line"},
    {"HTTP/1.1 200OK\r\n\r\n", "bad status line"},
    {"HTTP/1.1 +20 OK\r\n\r\n", "bad status line"},
    {"HTTP/1.1 200 \0\r\n\r\n"s, "CR or NUL within the head"},
    {"HTTP/1.1 200 O\rK\r\n\r\n", "CR or NUL within the head"},
    {"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "CR or NUL within the head"},
    {"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n", "CR or NUL within the head"},
    {"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"s, "CR or NUL within the head"},
    {"HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "bad field"},
    {"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "bad field"},
    {"HTTP/1.1 200 OK\r\n: b\r\n\r\n", "bad field"},
    {"HTTP/1.1 200 OK\r\nA\r\n\r\n", "bad field"},
    {"HTTP/1.1 200 OK\r\nA[]: b\r\n\r\n", "bad field"},
    {"HTTP/1.1 200 OK\r\n\xc3\xb6: b\r\n\r\n", "bad field"},
    {fields(response_parser::most_fields + 1), "too many fields"},
};

class Response : public testing::TestWithParam<row> {};

TEST_P(Response, IsRead) { EXPECT_EQ(told({GetParam().bytes}), GetParam().want); }

TEST_P(Response, IsReadTheSameForEverySplit) {
  const std::string_view bytes = GetParam().bytes;
  for (std::size_t i = 0; i <= bytes.size(); ++i) {
    EXPECT_EQ(told({bytes.substr(0, i), bytes.substr(i)}), GetParam().want) << i;
    for (std::size_t j = i; bytes.size() < 64 && j <= bytes.size(); ++j) {
      EXPECT_EQ(told({bytes.substr(0, i), bytes.substr(i, j - i), bytes.substr(j)}), GetParam().want) << i << ' ' << j;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Table, Response, testing::ValuesIn(rows));

TEST(ResponseLimits, AreExact) {
  EXPECT_TRUE(told({fields(response_parser::most_fields)}).starts_with("1.1 200 [OK] a=[b]"));
  constexpr auto most = response_parser::longest_head;
  EXPECT_TRUE(told({head_of_size(most)}).starts_with("1.1 200 [OK] A=[xxx"));
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, most - 1, most, most + 1}) {
    const std::string long_head = head_of_size(most + 1);
    const std::string_view bytes = long_head;
    EXPECT_EQ(told({bytes.substr(0, cut), bytes.substr(cut)}), "the head is too long") << cut;
  }
  const std::string endless = "HTTP/1.1 200 " + std::string(most, 'x');
  EXPECT_EQ(told({endless}), "the head is too long");
}

struct framing_row {
  std::string fields;
  body_end end;
  std::uint64_t length = 0;
  bool good = true;
};

TEST(ResponseFraming, FollowsTheFields) {
  const framing_row table[] = {
      {"", body_end::close},
      {"Content-Length: 0\n", body_end::length, 0},
      {"content-LENGTH: 12\n", body_end::length, 12},
      {"Content-Length: 0012\n", body_end::length, 12},
      {"Content-Length: 9223372036854775807\n", body_end::length, INT64_MAX},
      {"Content-Length: 5, 5\n", body_end::length, 5},
      {"Content-Length: 5,\n", body_end::length, 5},
      {"Content-Length: 5\nContent-Length: 5\n", body_end::length, 5},
      {"Content-Length: 5, 6\n", body_end::length, 0, false},
      {"Content-Length: 5\nContent-Length: 6\n", body_end::length, 0, false},
      {"Content-Length:\n", body_end::length, 0, false},
      {"Content-Length: ,\n", body_end::length, 0, false},
      {"Content-Length: -1\n", body_end::length, 0, false},
      {"Content-Length: +5\n", body_end::length, 0, false},
      {"Content-Length: 5 5\n", body_end::length, 0, false},
      {"Content-Length: 0x10\n", body_end::length, 0, false},
      {"Content-Length: 1e3\n", body_end::length, 0, false},
      {"Content-Length: 9223372036854775808\n", body_end::length, 0, false},
      {"Content-Length: 18446744073709551616\n", body_end::length, 0, false},
      {"Transfer-Encoding: chunked\n", body_end::chunked},
      {"transfer-encoding: CHUNKED,\n", body_end::chunked},
      {"Transfer-Encoding: gzip, chunked\n", body_end::chunked, 0, false},
      {"Transfer-Encoding: chunked, chunked\n", body_end::chunked, 0, false},
      {"Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", body_end::chunked, 0, false},
      {"Transfer-Encoding: chunked, gzip\n", body_end::chunked, 0, false},
      {"Transfer-Encoding: chunkedx\n", body_end::chunked, 0, false},
      {"Transfer-Encoding:\n", body_end::chunked, 0, false},
      {"Transfer-Encoding: chunked\nContent-Length: 5\n", body_end::chunked},
      {"Content-Length: x\nTransfer-Encoding: gzip\n", body_end::chunked, 0, false},
  };
  for (const auto& row : table) {
    response_parser parser;
    ASSERT_EQ(parser.feed("HTTP/1.1 200 OK\n" + row.fields + '\n').now, state::complete) << row.fields;
    const auto got = framing_of(parser.head());
    EXPECT_EQ(got.end, row.end) << row.fields;
    EXPECT_EQ(got.length, row.length) << row.fields;
    EXPECT_EQ(std::string(got.problem).empty(), row.good) << row.fields;
  }
}

TEST(ResponseFraming, KnowsAnswersWithoutBody) {
  for (const char* const status : {"100", "101", "204", "304", "200"}) {
    response_parser parser;
    parser.feed("HTTP/1.1 "s + status + " X\nContent-Length: 5\nTransfer-Encoding: chunked\n\n");
    const auto got = framing_of(parser.head(), status == "200"s);
    EXPECT_EQ(got.end, body_end::none) << status;
    EXPECT_STREQ(got.problem, "") << status;
  }
}

}  // namespace
}  // namespace sampan::http
