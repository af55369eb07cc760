#include "text/encoder.h"

#include <gtest/gtest.h>

#include "text/decoder.h"
#include "text/utf8.h"

namespace sampan::text {
namespace {

using namespace std::string_view_literals;

void expect_refused(encoding which, std::string_view utf8, std::string_view subject, std::string_view detail) {
  const auto got = encode_text(which, utf8);
  ASSERT_FALSE(got) << utf8;
  EXPECT_EQ(got.error().code(), errc::not_encodable);
  EXPECT_EQ(got.error().subject(), subject);
  EXPECT_EQ(got.error().detail(), detail);
}

TEST(Encoder, GbkAsTheCourseReadsIt) {
  EXPECT_EQ(encode_text(encoding::gbk, "你好").value(), "\xc4\xe3\xba\xc3");
  EXPECT_EQ(encode_text(encoding::gbk, "thank you !").value(), "thank you !");
  EXPECT_EQ(encode_text(encoding::gbk, "\0\n"sv).value(), "\0\n"sv);
  EXPECT_EQ(encode_text(encoding::gbk, "·—").value(), "\xa1\xa4\xa1\xaa");
}

TEST(Encoder, RefusesWhatAStrictPeerCannotRead) {
  expect_refused(encoding::gbk, "5€!", "€", "U+20AC");
  expect_refused(encoding::gbk, "ok 😀", "😀", "U+1F600");
  expect_refused(encoding::gbk, "𠀀", "𠀀", "U+20000");
  expect_refused(encoding::gbk, "\xef\xb8\x90", "\xef\xb8\x90", "U+FE10");
  expect_refused(encoding::gbk, "a\xff", "\xff", "byte 0xFF");
  expect_refused(encoding::gbk, "a\xe4\xbd", "\xe4", "byte 0xE4");  // the text ends inside a character
  expect_refused(encoding::gb2312, "・", "・", "U+30FB");
  expect_refused(encoding::gb2312, "囍", "囍", "U+56CD");  // GBK has it, GB 2312 has not
  expect_refused(encoding::cp932, "¥", "¥", "U+00A5");     // glibc would send a backslash
  expect_refused(encoding::euc_jp, "\xc2\x85", "\xc2\x85", "U+0085");
  expect_refused(encoding::ascii, "é", "é", "U+00E9");
  expect_refused(encoding::iso_8859_1, "€", "€", "U+20AC");
  expect_refused(encoding::utf8, "\xed\xa0\x80", "\xed", "byte 0xED");
}

TEST(Encoder, OneRoundTripEach) {
  const struct {
    encoding which;
    std::string_view text, bytes;
  } rows[] = {
      {encoding::gb2312, "你好·", "\xc4\xe3\xba\xc3\xa1\xa4"},
      {encoding::gb18030, "你€𠀀", "\xc4\xe3\xa2\xe3\x95\x32\x82\x36"},
      {encoding::big5, "你好", "\xa7\x41\xa6\x6e"},
      {encoding::cp932, "あｱ\\", "\x82\xa0\xb1\\"},
      {encoding::euc_jp, "あｱ丂", "\xa4\xa2\x8e\xb1\x8f\xb0\xa1"},
      {encoding::euc_kr, "가", "\xb0\xa1"},
      {encoding::koi8_r, "При", "\xf0\xd2\xc9"},
      {encoding::windows_1251, "При", "\xcf\xf0\xe8"},
      {encoding::windows_1252, "é€", "\xe9\x80"},
      {encoding::iso_8859_1, "é", "\xe9"},
      {encoding::utf8, "你😀", "你😀"},
      {encoding::utf16_le, "a你", "a\0\x60\x4f"sv},
      {encoding::utf16_be, "a😀", "\0a\xd8\x3d\xde\0"sv},
      {encoding::ascii, "abc", "abc"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(encode_text(row.which, row.text).value(), row.bytes) << encoding_name(row.which);
    decoder d = decoder::open(row.which).value();
    std::string back;
    d.feed(row.bytes, back);
    d.finish(back);
    EXPECT_EQ(back, row.text) << encoding_name(row.which);
  }
}

// The count is Python 3.11's: sum(1 for c in range(0x110000) if chr(c).encode('gbk', 'ignore')). That each one has Python's bytes was
// compared once, code point by code point; a changed table in glibc shows here.
TEST(Encoder, GbkKnowsExactlyPythonsCharacters) {
  encoder e = encoder::open(encoding::gbk).value();
  decoder d = decoder::open(encoding::gbk).value();
  std::size_t known = 0;
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string utf8, bytes, back;
    append_utf8(utf8, c);
    if (!e.encode(utf8, bytes)) continue;
    ++known;
    d.feed(bytes, back);
    ASSERT_EQ(back, utf8);
  }
  EXPECT_EQ(known, 21919U);
}

TEST(Encoder, CharactersSplitOverReads) {
  const std::string text = "a你好b·";
  const std::string whole = encode_text(encoding::gbk, text).value();
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    encoder e = encoder::open(encoding::gbk).value();
    std::string bytes;
    ASSERT_TRUE(e.encode(text.substr(0, cut), bytes));
    ASSERT_TRUE(e.encode(text.substr(cut), bytes));
    ASSERT_TRUE(e.finish());
    EXPECT_EQ(bytes, whole);
  }
}

TEST(Encoder, AFailedCallLeavesNothingBehind) {
  encoder e = encoder::open(encoding::gbk).value();
  std::string bytes = "before";
  EXPECT_FALSE(e.encode("你好€", bytes));
  EXPECT_EQ(bytes, "before");
  EXPECT_EQ(e.pending(), 0U);
  EXPECT_TRUE(e.encode("你\xe5\xa5", bytes));
  EXPECT_EQ(e.pending(), 2U);
  EXPECT_FALSE(e.finish());
  EXPECT_EQ(e.another().pending(), 0U);
  EXPECT_TRUE(e.encode("好", bytes));
  EXPECT_EQ(bytes, "before\xc4\xe3\xba\xc3");
}

}  // namespace
}  // namespace sampan::text
