#include "text/utf8.h"

#include <gtest/gtest.h>

namespace sampan::text {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string bytes;
    append_utf8(bytes, c);
    const utf8_char got = decode_utf8(bytes);
    ASSERT_EQ(got.status, utf8_status::ok) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(got.code_point, c);
    ASSERT_EQ(got.length, bytes.size());
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      const utf8_char part = decode_utf8(std::string_view(bytes).substr(0, n));
      ASSERT_EQ(part.status, utf8_status::incomplete);
      ASSERT_EQ(part.length, n);
    }
  }
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (std::string_view bad :
       {"\x80"sv, "\xbf"sv, "\xc0\xaf"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,
        "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv,
        "\xe4\xbd"
        "A"sv,
        "\xc3("sv}) {
    const utf8_char got = decode_utf8(bad);
    EXPECT_EQ(got.status, utf8_status::invalid);
    EXPECT_EQ(got.length, 1U);
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Utf8, ValidityOfWholeTexts) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("\0a你好😀"sv));
  EXPECT_FALSE(is_utf8("你\xe5\xa5"));  // cut off
}

TEST(Utf8, ColumnsOnATerminal) {
  const struct {
    std::string_view text;
    std::size_t columns;
  } rows[] = {
      {"", 0},
      {"abc", 3},
      {"你好啊", 6},
      {"请输入服务器ip:", 15},
      {"：", 2},
      {"ｱ", 1},
      {"한글", 4},
      {"e\xcc\x81", 1},
      {"か\xe3\x82\x99", 2},
      {"😀", 2},
      {"é", 1},
      {"\xff"
       "a",
       2},
      {"\xe4\xbd", 2},
      {"𠀀", 2},
      {"—", 1},
      {"a\xe2\x80\x8b"
       "b",
       2},
      {"、", 2},
      {"￥", 2},
  };
  for (const auto& row : rows) EXPECT_EQ(display_width(row.text), row.columns) << row.text;
}

}  // namespace
}  // namespace sampan::text
