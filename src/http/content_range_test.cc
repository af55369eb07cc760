#include "http/content_range.h"

#include <gtest/gtest.h>

namespace sampan::http {
namespace {

TEST(ContentRange, ReadsWhatItMustAndWhatServersSend) {
  constexpr content_range first_half{0, 4, 10};
  for (const char* good : {"bytes 0-4/10", "Bytes 0-4/10", "bytes=0-4/10", "bytes = 0-4/10", "0-4/10",
                           "  bytes   0 - 4 / 10 ", "bytes\t0-4/10", "bytes 00-04/010"}) {
    EXPECT_EQ(parse_content_range(good), first_half) << good;
  }
  EXPECT_EQ(parse_content_range("bytes 0-0/1"), (content_range{0, 0, 1}));
  EXPECT_EQ(parse_content_range("bytes 5-9/*"), (content_range{5, 9, std::nullopt}));
  EXPECT_EQ(parse_content_range("bytes 0-999999999999999998/999999999999999999"),
            (content_range{0, 999'999'999'999'999'998, 999'999'999'999'999'999}));
}

TEST(ContentRange, RefusesTheRest) {
  for (const char* bad : {"",
                          "bytes",
                          "bytes ",
                          "bytes 0-4",
                          "bytes 5-3/10",
                          "bytes 0-10/10",
                          "bytes 0-11/10",
                          "bytes 0-0/0",
                          "bytes -4/10",
                          "bytes 0-/10",
                          "bytes --4/10",
                          "bytes +0-4/10",
                          "bytes 0-+4/10",
                          "bytes 0-4/-10",
                          "bytes 0-4/",
                          "bytes 0-4/10/10",
                          "bytes 0-4/ten",
                          "bytes */10",
                          "bytes */*",
                          "bytes0-4/10",
                          "bytes==0-4/10",
                          "bytes: 0-4/10",
                          "items 0-4/10",
                          "byte 0-4/10",
                          "bytes 0-1000000000000000000/2000000000000000000",
                          "bytes 0-4/10000000000000000000",
                          "bytes 18446744073709551616-18446744073709551620/*",
                          "bytes 0-4/10 x",
                          "bytes 0-4/10, 5-9/10",
                          "bytes 0 1-4/10",
                          "bytes 0x0-4/10",
                          "bytes 0-4/1 0",
                          "bytes 0-4/**",
                          "=0-4/10"}) {
    EXPECT_EQ(parse_content_range(bad), std::nullopt) << bad;
  }
}

TEST(ContentRange, ReadsTheSizeOfA416) {
  for (const char* good : {"bytes */10", "bytes=*/10", "*/10", " bytes * / 10"}) {
    const auto read = parse_unsatisfied_range(good);
    ASSERT_TRUE(read) << good;
    EXPECT_EQ(read->size, 10U) << good;
  }
  EXPECT_EQ(parse_unsatisfied_range("bytes */0")->size, 0U);
  const auto silent = parse_unsatisfied_range("bytes */*");
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->size, std::nullopt);
  for (const char* bad : {"", "bytes", "*", "bytes */", "bytes */-1", "bytes 0-4/10", "bytes **/10", "items */10",
                          "bytes */1000000000000000000", "bytes */10 x", "/10"}) {
    EXPECT_FALSE(parse_unsatisfied_range(bad)) << bad;
  }
}

}  // namespace
}  // namespace sampan::http
