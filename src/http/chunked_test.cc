#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sampan::http {
namespace {

using namespace std::string_literals;
using state = chunked_decoder::state;

struct outcome {
  std::string body;
  std::size_t taken = 0;
  state now = state::more;
  bool operator==(const outcome&) const = default;
};

void feed_all(chunked_decoder& decoder, std::string_view bytes, outcome& sum) {
  while (!bytes.empty() && sum.now == state::more) {
    const auto step = decoder.feed(bytes);
    if (step.now == state::more) {
      ASSERT_GT(step.taken, 0U);
    }
    ASSERT_LE(step.taken, bytes.size());
    sum.body += step.body;
    sum.taken += step.taken;
    sum.now = step.now;
    bytes.remove_prefix(step.taken);
  }
}

outcome decode(const std::vector<std::string_view>& pieces) {
  chunked_decoder decoder;
  outcome sum;
  for (const auto piece : pieces) feed_all(decoder, piece, sum);
  return sum;
}

struct row {
  std::string bytes;
  state now;
  std::string body;
  std::string rest;  // done: what is not taken
};

const row rows[] = {
    {"0\r\n\r\n", state::done, "", ""},
    {"5\r\nhello\r\n0\r\n\r\n", state::done, "hello", ""},
    {"5\r\nhello\r\n1\r\n \r\n6\r\n\r\n0\r\n\r\r\n0\r\n\r\nHTTP/1.1", state::done, "hello \r\n0\r\n\r", "HTTP/1.1"},
    {"A\r\n0123456789\r\na\r\n0123456789\r\n00\r\n\r\n\r\n", state::done, "01234567890123456789", "\r\n"},
    {"0000000000000003\r\nabc\r\n0\r\n\r\n", state::done, "abc", ""},
    {"3;x=1;y=\"a;b\"\r\nabc\r\n0;z\r\n\r\n", state::done, "abc", ""},
    {"3 \t; x\r\nabc\r\n0  \r\n\r\n", state::done, "abc", ""},
    {"3\r\nabc\r\n0\r\nX: 1\r\nY: 2\r\n\r\nrest", state::done, "abc", "rest"},
    {"3;" + std::string(chunked_decoder::longest_extension - 1, 'x') + "\r\nabc\r\n0\r\n\r\n", state::done, "abc", ""},
    {"0\r\n" + std::string(chunked_decoder::longest_trailer - 2, 'x') + "\r\n\r\n", state::done, "", ""},

    {"", state::more, "", ""},
    {"5", state::more, "", ""},
    {"5\r\nhel", state::more, "hel", ""},
    {"5\r\nhello", state::more, "hello", ""},
    {"5\r\nhello\r\n", state::more, "hello", ""},
    {"5\r\nhello\r\n0\r\n", state::more, "hello", ""},
    {"5\r\nhello\r\n0\r\n\r", state::more, "hello", ""},
    {"5\r\nhello\r\n0\r\nX: 1\r\n", state::more, "hello", ""},
    {"7fffffffffffffff\r\nabc", state::more, "abc", ""},

    {"\r\n", state::malformed, "", ""},
    {";x\r\n", state::malformed, "", ""},
    {" 5\r\nhello\r\n", state::malformed, "", ""},
    {"-5\r\nhello\r\n", state::malformed, "", ""},
    {"+5\r\nhello\r\n", state::malformed, "", ""},
    {"0x5\r\nhello\r\n", state::malformed, "", ""},
    {"g\r\n", state::malformed, "", ""},
    {"5 6\r\nhello\r\n", state::malformed, "", ""},
    {"5\nhello\r\n", state::malformed, "", ""},
    {"5\rhello\r\n", state::malformed, "", ""},
    {"5;x\nhello\r\n", state::malformed, "", ""},
    {"5;x\ry\r\nhello\r\n", state::malformed, "", ""},
    {"5;\0\r\nhello\r\n"s, state::malformed, "", ""},
    {"5\r\nhelloX\n0\r\n\r\n", state::malformed, "hello", ""},
    {"5\r\nhello\n0\r\n\r\n", state::malformed, "hello", ""},
    {"5\r\nhello0\r\n\r\n", state::malformed, "hello", ""},
    {"5\r\nhello\r\nHTTP/1.1 200 OK\r\n", state::malformed, "hello", ""},
    {"0\r\nX: 1\n\r\n", state::malformed, "", ""},
    {"0\r\nX: \r1\r\n\r\n", state::malformed, "", ""},
    {"0\r\nX: \0\r\n\r\n"s, state::malformed, "", ""},
    {"0\r\n\n", state::malformed, "", ""},
    {"0\r\n\rX", state::malformed, "", ""},
    {"8000000000000000\r\n", state::malformed, "", ""},
    {"ffffffffffffffff\r\n", state::malformed, "", ""},
    {"00000000000000001\r\na\r\n", state::malformed, "", ""},
    {"10000000000000005\r\nhello\r\n", state::malformed, "", ""},
    {"3;" + std::string(chunked_decoder::longest_extension, 'x') + "\r\n", state::malformed, "", ""},
    {"3" + std::string(chunked_decoder::longest_extension + 1, ' ') + "\r\n", state::malformed, "", ""},
    {"0\r\n" + std::string(chunked_decoder::longest_trailer, 'x') + "\r\n", state::malformed, "", ""},
};

class Chunked : public testing::TestWithParam<row> {};

TEST_P(Chunked, FindsTheBody) {
  const auto& want = GetParam();
  const auto got = decode({want.bytes});
  EXPECT_EQ(got.now, want.now);
  EXPECT_EQ(got.body, want.body);
  if (want.now == state::done) {
    EXPECT_EQ(want.bytes.substr(got.taken), want.rest);
  }
  if (want.now == state::more) {
    EXPECT_EQ(got.taken, want.bytes.size());
  }
}

// Cut at every one place, at every two places of the short ones, and byte by byte.
TEST_P(Chunked, GivesTheSameForEverySplit) {
  const std::string& bytes = GetParam().bytes;
  const std::string_view view = bytes;
  const auto whole = decode({view});
  for (std::size_t i = 0; i <= bytes.size(); ++i) {
    EXPECT_EQ(decode({view.substr(0, i), view.substr(i)}), whole) << i;
    for (std::size_t j = i; bytes.size() < 64 && j <= bytes.size(); ++j) {
      EXPECT_EQ(decode({view.substr(0, i), view.substr(i, j - i), view.substr(j)}), whole) << i << ' ' << j;
    }
  }
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(view.substr(i, 1));
  EXPECT_EQ(decode(single), whole);
}
INSTANTIATE_TEST_SUITE_P(Table, Chunked, testing::ValuesIn(rows));

TEST(ChunkedBody, IsAPieceOfWhatWasGiven) {
  const std::string bytes = "5\r\nhello\r\n0\r\n\r\n";
  chunked_decoder decoder;
  EXPECT_EQ(decoder.feed(bytes).body.data(), bytes.data() + 3);
}

TEST(ChunkedEnd, IsSaidAgainAndTakesNothing) {
  for (const std::string bytes : {"0\r\n\r\n", "x"}) {
    chunked_decoder decoder;
    const auto first = decoder.feed(bytes);
    const auto again = decoder.feed("0\r\n\r\n");
    EXPECT_NE(first.now, state::more);
    EXPECT_EQ(again.now, first.now);
    EXPECT_EQ(again.taken, 0U);
    EXPECT_EQ(decoder.feed("").now, first.now);
  }
}

}  // namespace
}  // namespace sampan::http
