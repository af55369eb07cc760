#include "talk/checksum.h"

#include <gtest/gtest.h>

#include "text/hex.h"
#include "text/hex_dump.h"

namespace sampan::talk {
namespace {

std::string check(checksum kind, std::string_view message) {
  std::string out;
  append_check(out, kind, message);
  return text::hex_encode(out);
}

TEST(Checksum, CheckValuesOfTheCatalogues) {
  // "123456789" is what every catalogue of CRCs states its check values for.
  EXPECT_EQ(check(checksum::crc16, "123456789"), "374b");
  EXPECT_EQ(check(checksum::crc32, "123456789"), "2639f4cb");
  EXPECT_EQ(check(checksum::sum, "123456789"), "dd");
  EXPECT_EQ(check(checksum::exor, "123456789"), "31");
  EXPECT_EQ(check(checksum::none, "123456789"), "");
}

TEST(Checksum, AModbusRequest) { EXPECT_EQ(check(checksum::crc16, *text::typed_hex("01 03 00 00 00 0a")), "c5cd"); }

TEST(Checksum, OfNothing) {
  EXPECT_EQ(check(checksum::crc16, ""), "ffff");
  EXPECT_EQ(check(checksum::crc32, ""), "00000000");
  EXPECT_EQ(check(checksum::sum, ""), "00");
  EXPECT_EQ(check(checksum::exor, ""), "00");
}

TEST(Checksum, HighBytesDoNotGoNegative) {
  EXPECT_EQ(check(checksum::sum, "\xff\xff\x03"), "01");
  EXPECT_EQ(check(checksum::exor, "\xff\x0f"), "f0");
}

TEST(Checksum, Names) {
  EXPECT_EQ(find_checksum("none"), checksum::none);
  EXPECT_EQ(find_checksum("crc16"), checksum::crc16);
  EXPECT_EQ(find_checksum("crc32"), checksum::crc32);
  EXPECT_EQ(find_checksum("sum"), checksum::sum);
  EXPECT_EQ(find_checksum("xor"), checksum::exor);
  for (const char* name : {"", "CRC16", "md5", "sum "}) EXPECT_EQ(find_checksum(name), std::nullopt) << name;
}

}  // namespace
}  // namespace sampan::talk
