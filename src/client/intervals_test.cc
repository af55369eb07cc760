#include "client/intervals.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace sampan::client {
namespace {

using list = std::vector<interval>;

intervals set_of(const list& all) {
  intervals set;
  for (const interval& one : all) set.add(one);
  return set;
}

TEST(Intervals, MergesWhatOverlapsOrTouches) {
  const struct {
    list added, kept;
  } table[] = {
      {{}, {}},
      {{{5, 5}, {7, 3}}, {}},
      {{{0, 4}, {4, 8}}, {{0, 8}}},
      {{{4, 8}, {0, 4}}, {{0, 8}}},
      {{{0, 4}, {5, 8}}, {{0, 4}, {5, 8}}},
      {{{5, 8}, {0, 4}, {3, 6}}, {{0, 8}}},
      {{{0, 1}, {2, 3}, {4, 5}, {9, 10}, {1, 6}}, {{0, 6}, {9, 10}}},
      {{{2, 3}, {0, 9}}, {{0, 9}}},
      {{{0, UINT64_MAX}, {3, 4}}, {{0, UINT64_MAX}}},
  };
  for (const auto& row : table) EXPECT_EQ(set_of(row.added).all(), row.kept);
}

TEST(Intervals, AnswersLikeASetOfBytes) {
  constexpr std::size_t size = 24;
  std::mt19937 choice(1);
  std::uniform_int_distribution<std::uint64_t> place(0, size);
  for (int round = 0; round < 500; ++round) {
    intervals set;
    std::array<bool, size> bytes{};
    for (int step = 0; step < 12; ++step) {
      const interval one{place(choice), place(choice)};
      const bool adds = choice() % 3 != 0;
      adds ? set.add(one) : set.remove(one);
      for (auto i = one.begin; i < one.end; ++i) bytes[i] = adds;
    }
    EXPECT_EQ(set.bytes(), static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), true)));
    for (std::uint64_t from = 0; from <= size; ++from) {
      for (std::uint64_t to = from; to <= size; ++to) {
        std::uint64_t gap = from;
        while (gap < to && bytes[gap]) ++gap;
        std::uint64_t gap_end = gap;
        while (gap_end < to && !bytes[gap_end]) ++gap_end;
        ASSERT_EQ(set.first_gap(from, to), (interval{gap, gap_end})) << from << ' ' << to;
        ASSERT_EQ(set.covers({from, to}), gap == to);
      }
    }
    for (std::size_t i = 1; i < set.all().size(); ++i) ASSERT_LT(set.all()[i - 1].end, set.all()[i].begin);
  }
}

}  // namespace
}  // namespace sampan::client
