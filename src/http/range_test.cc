#include "http/range.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>

namespace sampan::http {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

struct row {
  std::string value;
  selection answer;
  std::vector<byte_range> ranges;
};

void check(const std::vector<row>& rows, std::uint64_t size) {
  for (const auto& each : rows) {
    std::vector<byte_range> out = {{7, 7}};
    EXPECT_EQ(select_ranges(each.value, size, out), each.answer) << each.value;
    EXPECT_EQ(out, each.ranges) << each.value;
  }
}

TEST(Range, SelectsOne) {
  check(
      {
          {"bytes=0-0", selection::partial, {{0, 0}}},
          {"bytes=0-4", selection::partial, {{0, 4}}},
          {"bytes=3-7", selection::partial, {{3, 7}}},
          {"bytes=2-", selection::partial, {{2, 9}}},
          {"bytes=0-", selection::partial, {{0, 9}}},
          {"bytes=0-9", selection::partial, {{0, 9}}},
          {"bytes=-3", selection::partial, {{7, 9}}},
          {"bytes=-10", selection::partial, {{0, 9}}},
          {"bytes=-9999", selection::partial, {{0, 9}}},
          {"bytes=5-1000", selection::partial, {{5, 9}}},
          {"bytes=0-10", selection::partial, {{0, 9}}},
          {"bytes=9-9", selection::partial, {{9, 9}}},
          {"bytes=9-", selection::partial, {{9, 9}}},
          {"bytes=9-10", selection::partial, {{9, 9}}},
          {"bytes=00000000000000000000000003-0004", selection::partial, {{3, 4}}},
          {"BYTES=0-4", selection::partial, {{0, 4}}},
          {"bytes= 0-4\t", selection::partial, {{0, 4}}},
          {"bytes=,0-4, ,", selection::partial, {{0, 4}}},
          {"bytes=0-18446744073709551615", selection::partial, {{0, 9}}},
          {"bytes=0-18446744073709551616", selection::partial, {{0, 9}}},
          {"bytes=0-" + std::string(400, '9'), selection::partial, {{0, 9}}},
          {"bytes=-" + std::string(400, '9'), selection::partial, {{0, 9}}},
      },
      10);
}

TEST(Range, SelectsNone) {
  check(
      {
          {"bytes=10-", selection::unsatisfiable, {}},
          {"bytes=10-20", selection::unsatisfiable, {}},
          {"bytes=100-1000", selection::unsatisfiable, {}},
          {"bytes=20-,30-40", selection::unsatisfiable, {}},
          {"bytes=-0", selection::unsatisfiable, {}},
          {"bytes=-000", selection::unsatisfiable, {}},
          {"bytes=5-4", selection::unsatisfiable, {}},
          {"bytes=0-1,5-4", selection::unsatisfiable, {}},
          {"bytes=5-4,0-1", selection::unsatisfiable, {}},
          {"bytes=18446744073709551615-", selection::unsatisfiable, {}},
          {"bytes=18446744073709551616-", selection::unsatisfiable, {}},  // not 0
          {"bytes=18446744073709551617-18446744073709551618", selection::unsatisfiable, {}},
          {"bytes=" + std::string(400, '9') + "-5", selection::unsatisfiable, {}},
      },
      10);
}

TEST(Range, IgnoresWhatItDoesNotKnow) {
  std::vector<row> rows;
  for (const auto* value : {"",
                            "bytes",
                            "bytes=",
                            "bytes=,",
                            "bytes= , ,",
                            "bytes=-",
                            "bytes=--1",
                            "bytes=1",
                            "bytes=a-b",
                            "bytes=0-1a",
                            "bytes=0x1-2",
                            "bytes=1-2-3",
                            "bytes=+1-2",
                            "bytes=1 -2",
                            "bytes=1- 2",
                            "bytes=1.0-2",
                            "bytes=0-1;2-3",
                            "bytes=0-1 2-3",
                            "bytes=0-1,x",
                            "bytes=x,0-1",
                            "bytes=5-4,x",
                            "bytes=\"0-1\"",
                            "bytes =0-1",
                            "bytes:0-1",
                            " bytes=0-1",
                            "byte=0-1",
                            "bytess=0-1",
                            "items=0-4",
                            "seconds=1-2",
                            "=0-1",
                            "0-1",
                            "none",
                            "bytes=*",
                            "bytes=0-1/10",
                            "bytes=\xd9\xa1-"}) {
    rows.push_back({value, selection::whole, {}});
  }
  check(rows, 10);
}

TEST(Range, SelectsSeveralInTheirOrder) {
  check(
      {
          {"bytes=0-0,-2", selection::partial, {{0, 0}, {8, 9}}},
          {"bytes=0-1,5-8", selection::partial, {{0, 1}, {5, 8}}},
          {"bytes=5-6,0-1", selection::partial, {{5, 6}, {0, 1}}},
          {"bytes= 5-6 ,\t0-1", selection::partial, {{5, 6}, {0, 1}}},
          {"bytes=0-1,20-30", selection::partial, {{0, 1}}},
          {"bytes=20-,0-1,-0", selection::partial, {{0, 1}}},
      },
      10);
}

TEST(Range, MergesWhatOverlapsOrTouches) {
  check(
      {
          {"bytes=0-4,5-9", selection::partial, {{0, 9}}},
          {"bytes=0-6,4-9", selection::partial, {{0, 9}}},
          {"bytes=5-9,0-4", selection::partial, {{0, 9}}},
          {"bytes=3-3,3-3", selection::partial, {{3, 3}}},
          {"bytes=0-,-1", selection::partial, {{0, 9}}},
          {"bytes=4-5,0-9", selection::partial, {{0, 9}}},
          {"bytes=8-9,0-1,4-4,2-3", selection::partial, {{8, 9}, {0, 4}}},
          {"bytes=4-4,0-1,8-9,2-3", selection::partial, {{0, 4}, {8, 9}}},
          {"bytes=6-6,0-0,3-3,9-9,1-2", selection::partial, {{6, 6}, {0, 3}, {9, 9}}},
          {"bytes=0-0,2-2,4-4,6-6,8-8,0-9", selection::partial, {{0, 9}}},
          {"bytes=0-0,2-2", selection::partial, {{0, 0}, {2, 2}}},
      },
      10);
}

TEST(Range, OfNothing) {
  check(
      {
          {"bytes=0-", selection::whole, {}},
          {"bytes=0-128", selection::whole, {}},
          {"bytes=-5", selection::whole, {}},
          {"bytes=7-,0-", selection::whole, {}},
          {"bytes=1-", selection::unsatisfiable, {}},
          {"bytes=-0", selection::unsatisfiable, {}},
          {"bytes=5-4", selection::unsatisfiable, {}},
          {"bytes=0-,5-4", selection::unsatisfiable, {}},
          {"bytes=", selection::whole, {}},
      },
      0);
}

TEST(Range, OfHugeFiles) {
  check(
      {
          {"bytes=4294967294-4294967299", selection::partial, {{4'294'967'294, 4'294'967'299}}},
          {"bytes=-4", selection::partial, {{5'368'709'116, 5'368'709'119}}},
      },
      5'368'709'120);
  check(
      {
          {"bytes=0-", selection::partial, {{0, largest - 1}}},
          {"bytes=18446744073709551614-", selection::partial, {{largest - 1, largest - 1}}},
          {"bytes=18446744073709551615-", selection::unsatisfiable, {}},
          {"bytes=0-18446744073709551613,-1", selection::partial, {{0, largest - 1}}},
      },
      largest);
}

std::string many(std::size_t count) {
  std::string value = "bytes=";
  for (std::size_t i = 0; i < count; ++i) value += std::to_string(i * 2) + '-' + std::to_string(i * 2) + ",,";
  return value;
}

TEST(Range, CountsTheRangesButNotEmptyMembers) {
  std::vector<byte_range> out;
  EXPECT_EQ(select_ranges(many(most_ranges), 1000, out), selection::partial);
  EXPECT_EQ(out.size(), most_ranges);
  EXPECT_EQ(select_ranges(many(most_ranges + 1), 1000, out), selection::whole);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(select_ranges(many(most_ranges + 1), 1, out), selection::whole);  // satisfiable or not
}

// Random sets over few bytes: what is selected is exactly what was asked for, in pieces that do not touch, each at the place of its
// earliest member.
TEST(Range, IsTheUnionOfWhatWasAsked) {
  std::mt19937 random(20'261'125);  // NOLINT: always the same sequence
  for (int round = 0; round < 20'000; ++round) {
    constexpr std::uint64_t size = 24;
    std::string value = "bytes=";
    std::vector<int> asked_by(size, -1);  // the first spec that asks for the byte
    const int specs = static_cast<int>(random() % 6) + 1;
    for (int spec = 0; spec < specs; ++spec) {
      const std::uint64_t first = random() % size;
      const std::uint64_t last = std::min<std::uint64_t>(first + random() % 6, size - 1);
      value += std::to_string(first) + '-' + std::to_string(last) + ',';
      for (auto byte = first; byte <= last; ++byte) {
        if (asked_by[byte] < 0) asked_by[byte] = spec;
      }
    }
    std::vector<byte_range> out;
    ASSERT_EQ(select_ranges(value, size, out), selection::partial) << value;
    std::vector<bool> selected(size);
    int previous = -1;
    for (const auto& range : out) {
      int earliest = specs;
      for (auto byte = range.first; byte <= range.last; ++byte) {
        ASSERT_FALSE(selected.at(byte)) << value;
        selected[byte] = true;
        ASSERT_GE(asked_by[byte], 0) << value;
        earliest = std::min(earliest, asked_by[byte]);
      }
      ASSERT_TRUE(range.first == 0 || asked_by[range.first - 1] < 0) << value;
      ASSERT_GT(earliest, previous) << value;
      previous = earliest;
    }
    for (std::uint64_t byte = 0; byte < size; ++byte) ASSERT_EQ(selected[byte], asked_by[byte] >= 0) << value;
  }
}

}  // namespace
}  // namespace sampan::http
