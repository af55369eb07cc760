#include "talk/storm_guard.h"

#include <gtest/gtest.h>

namespace sampan::talk {
namespace {

using std::chrono::milliseconds;
constexpr storm_guard::clock::time_point start{std::chrono::hours(1)};

TEST(StormGuard, SoManyAWindow) {
  storm_guard guard(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.allows(start + i * milliseconds(100)));
  EXPECT_FALSE(guard.allows(start + milliseconds(300)));
  EXPECT_TRUE(guard.tells());
  EXPECT_FALSE(guard.allows(start + storm_guard::window - milliseconds(1)));
  EXPECT_FALSE(guard.tells());
  EXPECT_TRUE(guard.allows(start + storm_guard::window));
  EXPECT_TRUE(guard.tells());
}

TEST(StormGuard, NoneNoLimit) {
  storm_guard guard(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(guard.allows(start));
}

}  // namespace
}  // namespace sampan::talk
