#include "http/field_syntax.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/characters.h"

namespace sampan::http {
namespace {

TEST(FieldSyntax, StripsBlanksAtTheEndsOnly) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\na"), "\na");  // a line end is no blank
}

TEST(FieldSyntax, KeepsAnEmptyValueApartFromAnAbsentOne) {
  EXPECT_NE(trim("").data(), nullptr);
  EXPECT_NE(trim("  ").data(), nullptr);
}

TEST(FieldSyntax, ComparesAsciiLettersWithoutCase) {
  EXPECT_TRUE(same_word("GZip", "gzIP"));
  EXPECT_TRUE(same_word("", ""));
  EXPECT_FALSE(same_word("gzip", "gzi"));
  EXPECT_FALSE(same_word("gzip", "gzip "));
  EXPECT_FALSE(same_word("@[", "`{"));      // 0x20 apart, but no letters
  EXPECT_FALSE(same_word("\xc4", "\xe4"));  // nor these in any locale
}

std::vector<std::string> members(std::string_view list) {
  std::vector<std::string> all;
  while (!list.empty()) all.emplace_back(take_member(list));
  return all;
}

TEST(FieldSyntax, TakesMembers) {
  using list = std::vector<std::string>;
  EXPECT_EQ(members(""), list{});
  EXPECT_EQ(members("a"), list{"a"});
  EXPECT_EQ(members("a,b"), (list{"a", "b"}));
  EXPECT_EQ(members(" a\t, ,b ,"), (list{"a", "", "b"}));
  EXPECT_EQ(members(R"(a="x,y",b)"), (list{R"(a="x,y")", "b"}));
  EXPECT_EQ(members(R"("x\",y",b)"), (list{R"("x\",y")", "b"}));
  EXPECT_EQ(members(R"(a="x,y)"), list{R"(a="x,y)"});
  EXPECT_EQ(members("\"\\"), list{"\"\\"});
}

TEST(FieldSyntax, ReadsDigits) {
  EXPECT_EQ(parse_digits("0"), 0U);
  EXPECT_EQ(parse_digits("007"), 7U);
  EXPECT_EQ(parse_digits("999999999999999999"), 999'999'999'999'999'999U);
  EXPECT_EQ(parse_digits("99", 2), 99U);
  EXPECT_EQ(parse_digits("100", 2), std::nullopt);
  for (const auto* bad : {"", "1000000000000000000", "-1", "+1", " 1", "1 ", "0x1", "1.0", "\xd9\xa1"}) {
    EXPECT_EQ(parse_digits(bad), std::nullopt) << bad;
  }
}

TEST(FieldSyntax, ReadsWeights) {
  EXPECT_EQ(parse_weight("1"), 1000);
  EXPECT_EQ(parse_weight("0"), 0);
  EXPECT_EQ(parse_weight("0."), 0);
  EXPECT_EQ(parse_weight("1."), 1000);
  EXPECT_EQ(parse_weight("0.5"), 500);
  EXPECT_EQ(parse_weight("0.25"), 250);
  EXPECT_EQ(parse_weight("0.001"), 1);
  EXPECT_EQ(parse_weight("1.000"), 1000);
  for (const auto* bad : {"", "2", "1.001", ".5", "0.1234", "0,5", "-0", "+1", "01", "0.a", "0 .5", " 1", "1e0"}) {
    EXPECT_EQ(parse_weight(bad), std::nullopt) << bad;
  }
}

TEST(FieldSyntax, ReadsWeighedMembers) {
  const auto weight = [](std::string_view text) {
    const auto read = read_weighed(text);
    return read ? read->weight : -1;
  };
  EXPECT_EQ(read_weighed("gzip ; q=0.5")->name, "gzip");
  EXPECT_EQ(read_weighed("gzip")->name, "gzip");
  EXPECT_EQ(weight("gzip"), 1000);
  EXPECT_EQ(weight("gzip;q=0.5"), 500);
  EXPECT_EQ(weight("gzip \t;\t Q=0.5"), 500);
  EXPECT_EQ(weight("text/html;level=1;q=0.7;x=y"), 700);
  EXPECT_EQ(weight(R"(a/b;c=";q=0.1";q=0.2)"), 200);
  EXPECT_EQ(weight("gzip;q=7"), -1);
  EXPECT_EQ(weight("gzip;q="), -1);
}

}  // namespace
}  // namespace sampan::http
