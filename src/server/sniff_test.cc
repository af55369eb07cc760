#include "server/sniff.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::serving {
namespace {

using namespace std::string_literals;

struct row {
  std::string bytes;
  protocol kind;
  std::string name;
  std::chrono::milliseconds quiet{0};
};

class Sniff : public testing::TestWithParam<row> {};

TEST_P(Sniff, DecidesByTheFirstBytes) {
  const auto& want = GetParam();
  const auto got = sniff({want.bytes});
  EXPECT_EQ(got.kind, want.kind);
  EXPECT_EQ(got.name, want.name);
  EXPECT_EQ(got.quiet, want.quiet);
}

const row rows[] = {
    {"\x16\x03\x01", protocol::tls, ""},
    {"\x16", protocol::undecided, "", quiet_one_segment},
    {"GET / HTTP/1.1\r\n", protocol::http, ""},
    {"GET /\n", protocol::http, ""},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", protocol::http, ""},
    {"BREW /pot HTTP/1.1\r\n", protocol::http, ""},
    {"a b HTTP/9\n", protocol::http, ""},
    {"GARBAGE\r\n\r\n", protocol::http, ""},
    {"GARBAGE\r\n", protocol::bare_name, "GARBAGE"},
    {"\r\nGET / HTTP/1.1\r\n", protocol::http, ""},
    {"\r\nGARBAGE\r\n\r\n", protocol::http, ""},
    {"\r\n", protocol::undecided, "", quiet_method_line},
    {"\r\nGE", protocol::undecided, "", quiet_method_line},
    {"\r\nname\n", protocol::bare_name, ""},
    {"\n", protocol::bare_name, ""},
    {"get /\n", protocol::bare_name, "get /"},
    {"G", protocol::undecided, "", quiet_method_line},
    {"GET", protocol::undecided, "", quiet_method_line},
    {"GET /re", protocol::undecided, "", quiet_method_line},
    {"GETTY", protocol::undecided, "", quiet_one_segment},
    {"a.txt", protocol::undecided, "", quiet_one_segment},
    {"a.txt\n", protocol::bare_name, "a.txt"},
    {"a.txt\r\n", protocol::bare_name, "a.txt"},
    {"a.txt\n\n", protocol::bare_name, "a.txt\n"},
    {"a.txt\r", protocol::undecided, "", quiet_one_segment},
    {"two\nlines", protocol::undecided, "", quiet_one_segment},
    {"two\nlines\n", protocol::bare_name, "two\nlines"},
    {"\xff\xfe\n", protocol::bare_name, "\xff\xfe"},
    {"nul\0nul\n"s, protocol::bare_name, "nul\0nul"s},
    {std::string(longest_name, 'x'), protocol::undecided, "", quiet_one_segment},
    {std::string(longest_name + 1, 'x'), protocol::name_too_long, ""},
    {"GET /" + std::string(longest_name, 'x'), protocol::http, ""},
};
INSTANTIATE_TEST_SUITE_P(Table, Sniff, testing::ValuesIn(rows));

TEST(SniffName, IsCompleteAfterTheEndOrQuiet) {
  for (const std::string text : {"a.txt", "G", "GET /re", "two\nlines", "\r"}) {
    EXPECT_EQ(sniff({text, 1, true, false}).name, text);
    EXPECT_EQ(sniff({text, 3, false, true}).name, text);
    EXPECT_EQ(sniff({text, 3, false, true}).kind, protocol::bare_name);
  }
}

TEST(SniffName, WaitsLongerForSeveralSegments) {
  EXPECT_EQ(sniff({"a.t", 2}).quiet, quiet_several_segments);
  EXPECT_EQ(sniff({"GE", 2}).quiet, quiet_method_line);
}

// Fed byte by byte, an HTTP request is never taken for a name, and a name without line ends is found whole.
TEST(SniffSplit, GivesTheSameAnswer) {
  for (const std::string text : {"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "\r\nHEAD / HTTP/1.0\r\n", "DELETE /x\n"}) {
    protocol last = protocol::undecided;
    for (std::size_t size = 1; size <= text.size() && last == protocol::undecided; ++size) {
      last = sniff({std::string_view(text).substr(0, size), static_cast<unsigned>(size)}).kind;
    }
    EXPECT_EQ(last, protocol::http) << text;
  }
  const std::string name = "\xe4\xbd\xa0\xe5\xa5\xbd GETs.txt";
  for (std::size_t size = 1; size <= name.size(); ++size) {
    EXPECT_EQ(sniff({std::string_view(name).substr(0, size), static_cast<unsigned>(size)}).kind, protocol::undecided);
  }
}

}  // namespace
}  // namespace sampan::serving
