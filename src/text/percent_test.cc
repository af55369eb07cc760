#include "text/percent.h"

#include <gtest/gtest.h>

namespace sampan::text {
namespace {

using namespace std::string_view_literals;

TEST(Percent, Decodes) {
  EXPECT_EQ(percent_decode("a%20b"), "a b");
  EXPECT_EQ(percent_decode("%E4%bd%A0"), "你");
  EXPECT_EQ(percent_decode("%00x"), "\0x"sv);
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%2541"), "%41");  // once, not twice
}

TEST(Percent, LeavesALonePercentSign) {
  for (std::string_view same : {"", "%", "%4", "100%", "100%.txt", "%zz", "%4g"}) EXPECT_EQ(percent_decode(same), same);
  EXPECT_EQ(percent_decode("%%41"), "%A");
  EXPECT_EQ(percent_decode("%4%41"), "%4A");
}

TEST(Percent, EncodesAComponent) {
  EXPECT_EQ(percent_encode("a-b.c_d~9"), "a-b.c_d~9");
  EXPECT_EQ(percent_encode("a/b c%"), "a%2Fb%20c%25");
  EXPECT_EQ(percent_encode("你"), "%E4%BD%A0");
}

TEST(Percent, EveryByteComesBack) {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

}  // namespace
}  // namespace sampan::text
