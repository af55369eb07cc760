#include "text/hex_dump.h"

#include <gtest/gtest.h>

#include "text/hex.h"

namespace sampan::text {
namespace {

TEST(HexDump, EveryByteComesBack) {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  EXPECT_EQ(typed_hex(hex_encode(all)), all);
}

TEST(HexDump, HowBytesAreTyped) {
  const std::optional<std::string> wanted("\x02\x45\xff");
  for (const char* typed : {"0245ff", "02 45 FF", " 02\t45,ff ", "0x02 0x45 0XfF", "0x0245ff", "02,45, ff"}) {
    EXPECT_EQ(typed_hex(typed), wanted) << typed;
  }
  EXPECT_EQ(typed_hex(""), "");
  EXPECT_EQ(typed_hex(" "), "");
}

TEST(HexDump, WhatIsNoHex) {
  for (const char* typed : {"2", "02 4", "0 2", "0x", "0x 02", "gg", "02-45", "02\n", "0245f", "你", "x02"}) {
    EXPECT_EQ(typed_hex(typed), std::nullopt) << typed;
  }
}

TEST(HexDump, Dump) {
  EXPECT_EQ(hex_dump(""), "");
  EXPECT_EQ(hex_dump("\xc4\xe3\xba\xc3\n"), "00000000  c4 e3 ba c3 0a                                    |.....|\n");
  EXPECT_EQ(hex_dump("0123456789abcdef~\x7f"),
            "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
            "00000010  7e 7f                                             |~.|\n");
  EXPECT_EQ(hex_dump("\x1b[", 0xfffffff0), "fffffff0  1b 5b                                             |.[|\n");
}

}  // namespace
}  // namespace sampan::text
