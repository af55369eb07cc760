#include "http/retry_after.h"

#include <gtest/gtest.h>

#include <limits>

namespace sampan::http {
namespace {

constexpr std::int64_t now = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT

std::int64_t seconds(std::string_view value, std::int64_t at = now) {
  const auto read = parse_retry_after(value, at);
  return read ? read->count() : -1;
}

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(seconds("0"), 0);
  EXPECT_EQ(seconds("120"), 120);
  EXPECT_EQ(seconds(" 7\t"), 7);
  EXPECT_EQ(seconds("86399"), 86'399);
  EXPECT_EQ(seconds("86401"), 86'400);
  EXPECT_EQ(seconds("99999999999999999999999999"), 86'400);
  EXPECT_EQ(seconds("00000000000000000000000005"), 5);
  EXPECT_EQ(seconds("0000000000000000000000000"), 0);
}

TEST(RetryAfter, ReadsDates) {
  EXPECT_EQ(seconds("Sun, 06 Nov 1994 08:49:47 GMT"), 10);
  EXPECT_EQ(seconds("Sunday, 06-Nov-94 08:50:37 GMT"), 60);
  EXPECT_EQ(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), 0);
  EXPECT_EQ(seconds("Sun, 06 Nov 1994 08:49:36 GMT"), 0);
  EXPECT_EQ(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), 86'400);
  EXPECT_EQ(seconds("Sun, 06 Nov 1994 08:49:47 GMT", std::numeric_limits<std::int64_t>::min()), 86'400);
  EXPECT_EQ(seconds("Sun, 06 Nov 1994 08:49:47 GMT", std::numeric_limits<std::int64_t>::max()), 0);
}

TEST(RetryAfter, RefusesTheRest) {
  for (const char* bad : {"", " ", "-1", "+1", "1.5", "1s", "soon", "1, 2", "Sun, 06 Nov 1994"})
    EXPECT_EQ(seconds(bad), -1) << bad;
}

}  // namespace
}  // namespace sampan::http
