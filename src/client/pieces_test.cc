#include "client/pieces.h"

#include <gtest/gtest.h>

#include <random>

namespace sampan::client {
namespace {

constexpr std::uint64_t unit = pieces::worth_splitting;

TEST(Pieces, TheFirstLaneGetsAll) {
  pieces all(10 * unit, {});
  EXPECT_EQ(all.lease(0), (interval{0, 10 * unit}));
  EXPECT_EQ(all.limit(0), 10 * unit);
}

TEST(Pieces, WhatIsHeldIsNotGivenOut) {
  intervals held;
  held.add({0, unit});
  held.add({2 * unit, 3 * unit});
  pieces all(4 * unit, held);
  EXPECT_EQ(all.lease(0), (interval{unit, 2 * unit}));
  EXPECT_EQ(all.lease(1), (interval{3 * unit, 4 * unit}));
}

TEST(Pieces, TheLongestLeaseIsHalved) {
  pieces all(8 * unit, {});
  all.lease(0);
  EXPECT_EQ(all.lease(1), (interval{4 * unit, 8 * unit}));
  EXPECT_EQ(all.limit(0), 4 * unit);
  all.advance(0, 3 * unit);
  EXPECT_EQ(all.lease(2), (interval{6 * unit, 8 * unit}));
  EXPECT_EQ(all.limit(1), 6 * unit);
}

TEST(Pieces, TheLastPartIsFetchedTwiceAndTheFirstToFinishWins) {
  pieces all(unit, {});
  all.lease(0);
  EXPECT_EQ(all.lease(1), (interval{0, unit}));
  EXPECT_EQ(all.lease(2), std::nullopt);  // not three times
  all.advance(1, unit);
  EXPECT_TRUE(all.complete());
  EXPECT_EQ(all.limit(0), 0U);  // nothing is left of its part
}

TEST(Pieces, WhatALaneGivesBackIsGivenOutAgain) {
  pieces all(4 * unit, {});
  all.lease(0);
  all.advance(0, unit);
  all.release(0);
  EXPECT_EQ(all.lease(1), (interval{unit, 4 * unit}));
}

TEST(Pieces, TheSizeMayBeToldLater) {
  pieces all;
  EXPECT_EQ(all.lease(0), (interval{0, UINT64_MAX}));
  EXPECT_EQ(all.lease(1), std::nullopt);
  all.advance(0, 5);
  EXPECT_FALSE(all.complete());
  all.set_total(5);
  EXPECT_TRUE(all.complete());
}

TEST(Pieces, AnEmptyFileIsComplete) { EXPECT_TRUE(pieces(0, {}).complete()); }

// Lanes come, go, fail and fetch in any order: leases stay within the file, and at the end all of it was fetched.
TEST(Pieces, ManyLanesFetchAllOfIt) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint64_t limit) {
      return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random);
    };
    const std::uint64_t total = 1 + below(40 * unit);
    pieces all(total, {});
    std::vector<std::optional<interval>> lanes(1 + below(8));
    intervals fetched;
    for (int step = 0; !all.complete(); ++step) {
      ASSERT_LT(step, 20'000) << seed;
      const auto lane = static_cast<unsigned>(below(lanes.size()));
      auto& part = lanes[lane];
      if (!part || part->begin >= std::min(part->end, all.limit(lane))) {
        part = all.lease(lane);
        if (part) {
          ASSERT_LT(part->begin, part->end) << seed;
          ASSERT_LE(part->end, total) << seed;
        }
      } else if (below(20) == 0) {
        all.release(lane);
        part.reset();
      } else {
        const std::uint64_t limit = std::min(part->end, all.limit(lane));
        const std::uint64_t at = part->begin + 1 + below(limit - part->begin);
        fetched.add({part->begin, at});
        all.advance(lane, at);
        part->begin = at;
      }
    }
    EXPECT_TRUE(fetched.covers({0, total})) << seed;
  }
}

}  // namespace
}  // namespace sampan::client
