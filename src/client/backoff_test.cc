#include "client/backoff.h"

#include <gtest/gtest.h>

#include <climits>

namespace sampan::client {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToAMinute) {
  const std::chrono::seconds most[] = {1s, 1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s};
  for (unsigned tries = 0; tries < std::size(most); ++tries) {
    EXPECT_EQ(pause_before(tries, {}, 1), most[tries]) << tries;
    EXPECT_EQ(pause_before(tries, {}, 0.5), std::chrono::milliseconds(most[tries]) / 2) << tries;
    EXPECT_EQ(pause_before(tries, {}, 0), 0ms) << tries;
  }
  EXPECT_EQ(pause_before(UINT_MAX, {}, 1), 60s);
}

TEST(Backoff, WaitsAtLeastAsLongAsTheServerSays) {
  EXPECT_EQ(pause_before(1, 5s, 1), 5s);
  EXPECT_EQ(pause_before(7, 5s, 1), 60s);
  EXPECT_EQ(pause_before(7, 5s, 0), 5s);
  EXPECT_EQ(pause_before(1, 0s, 0.25), 250ms);
  EXPECT_EQ(pause_before(1, 24h, 1), 10min);
  EXPECT_EQ(pause_before(1, std::chrono::seconds::max(), 1), 10min);
}

}  // namespace
}  // namespace sampan::client
