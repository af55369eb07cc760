#include "text/encoding.h"

#include <gtest/gtest.h>

#include "text/decoder.h"
#include "text/encoder.h"

namespace sampan::text {
namespace {

TEST(Encoding, NamesAndAliases) {
  const struct {
    const char* name;
    encoding which;
  } rows[] = {
      {"gbk", encoding::gbk},           {"GBK", encoding::gbk},
      {"cp936", encoding::gbk},         {"gb2312", encoding::gb2312},
      {"GB18030", encoding::gb18030},   {"Big5", encoding::big5},
      {"shift_jis", encoding::cp932},   {"Shift-JIS", encoding::cp932},
      {"cp932", encoding::cp932},       {"sjis", encoding::cp932},
      {"EUC-JP", encoding::euc_jp},     {"euc_kr", encoding::euc_kr},
      {"koi8-r", encoding::koi8_r},     {"windows-1251", encoding::windows_1251},
      {"latin1", encoding::iso_8859_1}, {"windows-1252", encoding::windows_1252},
      {"UTF-8", encoding::utf8},        {"utf8", encoding::utf8},
      {"utf-16le", encoding::utf16_le}, {"UTF-16BE", encoding::utf16_be},
      {"ascii", encoding::ascii},       {"iso-8859-1", encoding::iso_8859_1},
  };
  for (const auto& row : rows) {
    const auto found = find_encoding(row.name);
    ASSERT_TRUE(found) << row.name;
    EXPECT_EQ(*found, row.which) << row.name;
  }
}

TEST(Encoding, UnknownNamesComeWithTheList) {
  // Names that iconv_open(3) would take are not taken either: what is not in the list was not tested.
  for (const char* name : {"", "gbkk", "gb", "utf-7", "UTF-8//TRANSLIT", "ebcdic-us", "gbk "}) {
    const auto found = find_encoding(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().code(), errc::unknown_encoding);
    EXPECT_EQ(found.error().subject(), name);
    EXPECT_NE(found.error().detail().find("gbk, gb2312, gb18030, big5, shift_jis"), std::string::npos);
  }
}

TEST(Encoding, EveryNameOfTheListOpensBothWays) {
  std::string names = encoding_names() + ", ";
  int count = 0;
  for (std::size_t end = 0; (end = names.find(", ")) != std::string::npos; names.erase(0, end + 2), ++count) {
    const std::string name = names.substr(0, end);
    const auto which = find_encoding(name);
    ASSERT_TRUE(which) << name;
    EXPECT_EQ(encoding_name(*which), name);
    EXPECT_TRUE(decoder::open(*which)) << name;
    EXPECT_TRUE(encoder::open(*which)) << name;
  }
  EXPECT_EQ(count, 15);
}

}  // namespace
}  // namespace sampan::text
