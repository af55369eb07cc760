#include "text/hex.h"

#include <gtest/gtest.h>

namespace sampan::text {
namespace {

TEST(Hex, ReadsBothCases) {
  EXPECT_EQ(hex_decode("00fF7a"), std::string("\0\xff\x7a", 3));
  EXPECT_EQ(hex_decode(""), "");
  for (const char* bad : {"0", "0g", "g0", " 00", "0x", "00 ", "-1", "000"})
    EXPECT_EQ(hex_decode(bad), std::nullopt) << bad;
}

TEST(Hex, EveryByteComesBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(hex_decode(hex_encode(all)), all);
  EXPECT_EQ(hex_encode("\xaf\x01"), "af01");
}

}  // namespace
}  // namespace sampan::text
