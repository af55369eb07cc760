#include "http/structured_field.h"

#include <gtest/gtest.h>

namespace sampan::http {
namespace {

TEST(StructuredField, ReadsEachKindOfValue) {
  const auto read = parse_dictionary(
      R"(  i=42, n=-7 , d=-1.250,s="a, \"b\" \\ =:c",	t=*token/1:x, yes, no=?0, b=:aGVsbG8=:, e=::, l=( a "b";p=1  2 );q, el=(), p;x;y=1)");
  ASSERT_TRUE(read);
  std::string keys;
  for (const auto& member : *read) {
    (keys += member.key) += ' ';
    if (member.key == "i") {
      EXPECT_EQ(member.integer, 42);
    }
    if (member.key == "n") {
      EXPECT_EQ(member.integer, -7);
    }
    if (member.key == "b") {
      EXPECT_EQ(member.bytes, "hello");
    }
    if (member.key == "e") {
      EXPECT_EQ(member.bytes, "");
    }
    EXPECT_EQ(member.integer.has_value(), member.key == "i" || member.key == "n") << member.key;
    EXPECT_EQ(member.bytes.has_value(), member.key == "b" || member.key == "e") << member.key;
  }
  EXPECT_EQ(keys, "i n d s t yes no b e l el p ");
}

TEST(StructuredField, GivesRepeatedKeysAndEmptiness) {
  EXPECT_EQ(parse_dictionary("a=1,a=2")->size(), 2U);
  EXPECT_TRUE(parse_dictionary("")->empty());
  EXPECT_TRUE(parse_dictionary("   ")->empty());
  EXPECT_EQ(parse_dictionary("a=:aGVsbA:")->front().bytes, "hell");  // RFC 8941 4.2.7: without padding
  EXPECT_EQ(parse_dictionary("*a_-.*9=999999999999999")->front().integer, 999'999'999'999'999);
}

TEST(StructuredField, RefusesTheRest) {
  for (const char* bad : {",",
                          "a,",
                          "a, ",
                          ",a",
                          "a,,b",
                          "A",
                          "1",
                          "-a",
                          "a b",
                          "a=",
                          "a= 1",
                          "a =1",
                          "a=1 b",
                          "a=-",
                          "a=1.",
                          "a=.5",
                          "a=1.2345",
                          "a=1234567890123.1",
                          "a=1234567890123456",
                          "a=+1",
                          R"(a=")",
                          R"(a="x)",
                          R"(a="\x")",
                          R"(a="\)",
                          "a=\"\x7f\"",
                          "a=\"\xc3\xa4\"",
                          "a=:",
                          "a=:aGVsbG8=",
                          "a=:aGVs bG8=:",
                          "a=:a:",
                          "a=:Zh==:",
                          "a=?",
                          "a=?2",
                          "a=?true",
                          "a=(",
                          "a=(1",
                          "a=(1,2)",
                          "a=(1\"x\")",
                          "a=((1))",
                          "a;",
                          "a;1",
                          "a;B",
                          "a;b=",
                          "a=1;b=(1)",
                          "a=@1",
                          "a='x'",
                          "a=1;\tb",
                          "\ta"}) {
    EXPECT_FALSE(parse_dictionary(bad)) << bad;
  }
  EXPECT_FALSE(parse_dictionary(std::string_view("a\0", 2)));
}

TEST(StructuredField, HasLimits) {
  std::string many = "a";
  for (std::size_t i = 1; i < most_dictionary_members; ++i) many += ",a";
  EXPECT_EQ(parse_dictionary(many)->size(), most_dictionary_members);
  EXPECT_FALSE(parse_dictionary(many + ",a"));
  const std::string key(longest_dictionary, 'a');
  EXPECT_TRUE(parse_dictionary(key));
  EXPECT_FALSE(parse_dictionary(key + 'a'));
}

}  // namespace
}  // namespace sampan::http
