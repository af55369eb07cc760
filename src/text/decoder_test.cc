#include "text/decoder.h"

#include <gtest/gtest.h>

#include <random>

#include "text/encoder.h"
#include "text/utf8.h"

namespace sampan::text {
namespace {

using namespace std::string_view_literals;

std::string decode(encoding which, std::string_view bytes) {
  decoder d = decoder::open(which).value();
  std::string out;
  d.feed(bytes, out);
  d.finish(out);
  return out;
}

/// Every way to cut the bytes in two, and byte by byte, must give what one piece gives.
void expect_same_for_all_splits(encoding which, std::string_view bytes) {
  const decoder origin = decoder::open(which).value();
  const std::string whole = decode(which, bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    decoder d = origin.another();
    std::string out;
    d.feed(bytes.substr(0, cut), out);
    EXPECT_TRUE(is_utf8(out));
    d.feed(bytes.substr(cut), out);
    d.finish(out);
    ASSERT_EQ(out, whole) << encoding_name(which) << " cut at " << cut;
  }
  decoder d = origin.another();
  std::string out;
  for (char byte : bytes) d.feed({&byte, 1}, out);
  d.finish(out);
  ASSERT_EQ(out, whole) << encoding_name(which) << " byte by byte";
}

TEST(Decoder, GbkAsTheCourseSendsIt) {
  EXPECT_EQ(decode(encoding::gbk, "\xc4\xe3\xba\xc3"), "你好");
  EXPECT_EQ(decode(encoding::gbk, "thank you !"), "thank you !");
  EXPECT_EQ(decode(encoding::gbk, "a\0b"sv), "a\0b"sv);
}

TEST(Decoder, GbkIsTolerant) {
  EXPECT_EQ(decode(encoding::gbk, "5\x80"), "5€");
  EXPECT_EQ(decode(encoding::gbk, "\x80\x41"), "€A");
  EXPECT_EQ(decode(encoding::gbk, "\xa2\xe3"), "€");           // GB 18030's pair
  EXPECT_EQ(decode(encoding::gbk, "\x95\x32\x82\x36"), "𠀀");  // four bytes
  EXPECT_EQ(decode(encoding::gbk, "\x81\x30\x84\x36"), "¥");
  EXPECT_EQ(decode(encoding::gbk, "\xa6\xd9"), "︐");
}

TEST(Decoder, AnInvalidByteCostsOnlyItself) {
  const struct {
    std::string_view bytes, text;
  } rows[] = {
      {"A\xff"
       "B\n",
       "A\\xffB\n"},
      {"\xc4\n", "\\xc4\n"},  // a broken pair does not swallow the line end
      {"\x81 x", "\\x81 x"},
      {"\xa1"
       "@",
       "\\xa1@"},  // a pair that only private use has
      {"\x81"
       "0x",
       "\\x810x"},                           // not a four-byte character after all
      {"\x81\x30\x86", "\\x810\\x86"},       // cut off inside one
      {"\xfe\x39\xfe\x39", "\\xfe9\\xfe9"},  // four bytes without a character
      {"\xff\xc4\xe3", "\\xff你"},
      {"\xc4", "\\xc4"},
  };
  for (const auto& row : rows) EXPECT_EQ(decode(encoding::gbk, row.bytes), row.text);
  EXPECT_EQ(decode(encoding::utf8,
                   "\xe4\xbd"
                   "A\xc0\xaf\xed\xa0\x80"),
            "\\xe4\\xbdA\\xc0\\xaf\\xed\\xa0\\x80");
  EXPECT_EQ(decode(encoding::big5, "\xa4 \x80"), "\\xa4 \\x80");
  EXPECT_EQ(decode(encoding::euc_kr,
                   "a\x85"
                   "b"),
            "a\\x85b");
  EXPECT_EQ(decode(encoding::ascii,
                   "a\x85"
                   "b"),
            "a\\x85b");
  EXPECT_EQ(decode(encoding::iso_8859_1, "\x85"), "\xc2\x85");  // here C1 is part of the encoding
}

TEST(Decoder, Utf16SkipsWholeUnits) {
  EXPECT_EQ(decode(encoding::utf16_le,
                   "a\0\x00\xdc"
                   "b\0"sv),
            "a\\x00\\xdcb");  // a lone low surrogate
  EXPECT_EQ(decode(encoding::utf16_be, "\0a\xd8\x3d\xde\0\0b"sv), "a😀b");
  EXPECT_EQ(decode(encoding::utf16_le, "a\0b"sv), "a\\x62");
  EXPECT_EQ(decode(encoding::utf16_le, "\x3d\xd8"sv), "\\x3d\\xd8");
}

TEST(Decoder, AnsweredTables) {
  EXPECT_EQ(decode(encoding::gb2312, "\xa1\xa4\xa1\xaa"), "·—");  // not U+30FB and U+2015
  EXPECT_EQ(decode(encoding::gbk, "\xa1\xa4\xa1\xaa"), "·—");
  EXPECT_EQ(decode(encoding::cp932, "C:\x5c\x81\x60"), "C:\\～");
  EXPECT_EQ(decode(encoding::gbk, "你好"), "浣犲ソ");  // UTF-8 sent to a GBK reader
}

TEST(Decoder, EverySplitOfMixedText) {
  expect_same_for_all_splits(encoding::gbk,
                             "GET \xc4\xe3\xba\xc3\xb0\xa1 \x80 \x95\x32\x82\x36 A\xff"
                             "B\x81\x30\x86\x33\n\xa2\xe3\x81\x30z\xc4 "
                             "\xfe\x39\xfe\x39 0123456789 \xa1@~\x81\x30\x81");
  expect_same_for_all_splits(encoding::utf8,
                             "a\xe4\xbd\xa0\xf0\x9f\x98\x80\xf0\x9f\x98 \xe4\xbd"
                             "A\xff\xc3");
  expect_same_for_all_splits(encoding::utf16_le,
                             "a\0\x3d\xd8\x00\xde\x00\xdc"
                             "b\0\x3d\xd8"
                             "c\0\x3d"sv);
  expect_same_for_all_splits(encoding::gb18030, "\x95\x32\x82\x36\xc4\xe3\x81\x30\x81\x30\xc4\n\x95\x32\x82");
  expect_same_for_all_splits(encoding::big5,
                             "\xa7\x41\xa6\x6e \xa7\n\xff"
                             "a\xa7");
  expect_same_for_all_splits(encoding::cp932, "\x82\xa0\xb1\x82 \x81\x5c\xfc\xfc\x82");
  expect_same_for_all_splits(encoding::euc_jp, "\xa4\xa2\x8e\xb1\x8f\xb0\xa1\x8f\xb0 \x8f\xa1 \x85\x8e");
  expect_same_for_all_splits(encoding::euc_kr, "\xb0\xa1\x85 \xb0\n\xb0");
  expect_same_for_all_splits(encoding::koi8_r, "\xf0\xd2\xc9");
}

TEST(Decoder, RandomBytesSplitAnywhere) {
  std::mt19937 random(7788);
  // Mostly bytes that begin or continue something, so that broken characters of every kind come up.
  const std::string pool = "\x81\x30\x95\x32\x82\x36\xc4\xe3\xfe\x39\x80\xff A\n\xa1@\x8e\x8f\xe4\xbd\xa0\xd8\xdc";
  for (int round = 0; round < 100; ++round) {
    std::string bytes(24, '\0');
    for (char& b : bytes) b = pool[random() % pool.size()];
    for (encoding which :
         {encoding::gbk, encoding::gb2312, encoding::gb18030, encoding::big5, encoding::cp932, encoding::euc_jp,
          encoding::euc_kr, encoding::utf8, encoding::utf16_le, encoding::utf16_be, encoding::ascii}) {
      expect_same_for_all_splits(which, bytes);
      ASSERT_TRUE(is_utf8(decode(which, bytes)));
    }
  }
}

TEST(Decoder, HoldsAtMostThreeBytesAndStartsAfresh) {
  decoder d = decoder::open(encoding::gbk).value();
  std::string out;
  d.feed("x\x95\x32\x82", out);
  EXPECT_EQ(out, "x");
  EXPECT_EQ(d.pending(), 3U);
  EXPECT_EQ(d.another().pending(), 0U);
  d.finish(out);
  EXPECT_EQ(out, "x\\x952\\x82");
  EXPECT_EQ(d.pending(), 0U);
  d.feed("\xc4\xe3", out);
  EXPECT_EQ(out, "x\\x952\\x82你");
}

TEST(Decoder, LongInputTakesSeveralBlocks) {
  std::string bytes, text;
  for (int i = 0; i < 50000; ++i) {
    bytes += "\xc4\xe3";
    text += "你";
  }
  EXPECT_EQ(decode(encoding::gbk, bytes), text);
}

}  // namespace
}  // namespace sampan::text
