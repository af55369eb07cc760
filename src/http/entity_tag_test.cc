#include "http/entity_tag.h"

#include <gtest/gtest.h>

namespace sampan::http {
namespace {

TEST(EntityTag, KnowsItsSyntax) {
  for (const auto* tag : {R"("")", R"("x")", R"(W/"")", R"(W/"x")", R"("!#~\a,b*W/")", "\"\x80\xff\""}) {
    EXPECT_TRUE(is_entity_tag(tag)) << tag;
  }
  for (const auto* other : {"", "x", R"(")", R"("x)", R"(x")", R"("x""y")", R"("x"y)", R"(w/"x")", R"(W"x")", R"(W/x)",
                            "W/", "*", R"("a b")", "\"a\tb\"", "\"\x7f\"", "\"\x1f\"", R"( "x")", R"("x" )"}) {
    EXPECT_FALSE(is_entity_tag(other)) << other;
  }
}

TEST(EntityTag, KnowsItsMark) {
  EXPECT_TRUE(is_weak(R"(W/"x")"));
  EXPECT_FALSE(is_weak(R"("x")"));
  EXPECT_FALSE(is_weak(R"("W/")"));
  EXPECT_FALSE(is_weak(""));
}

// The table of RFC 9110 8.8.3.2, and what is no tag.
TEST(EntityTag, Compares) {
  struct row {
    const char* a;
    const char* b;
    bool strong, weak;
  };
  const row rows[] = {
      {R"(W/"1")", R"(W/"1")", false, true},
      {R"(W/"1")", R"(W/"2")", false, false},
      {R"(W/"1")", R"("1")", false, true},
      {R"("1")", R"("1")", true, true},
      {R"("1")", R"("2")", false, false},
      {R"("a")", R"("A")", false, false},
      {"", "", false, false},
      {"1", "1", false, false},
      {"*", R"("1")", false, false},
      {R"("")", R"("")", true, true},
  };
  for (const auto& each : rows) {
    EXPECT_EQ(strong_match(each.a, each.b), each.strong) << each.a << ' ' << each.b;
    EXPECT_EQ(strong_match(each.b, each.a), each.strong) << each.a << ' ' << each.b;
    EXPECT_EQ(weak_match(each.a, each.b), each.weak) << each.a << ' ' << each.b;
    EXPECT_EQ(weak_match(each.b, each.a), each.weak) << each.a << ' ' << each.b;
  }
}

struct row {
  const char* list;
  bool strong, weak;
};

// Against the current tag "c".
const row rows[] = {
    {R"("c")", true, true},
    {R"(W/"c")", false, true},
    {R"("x")", false, false},
    {R"("x", "c", "y")", true, true},
    {R"("x" , W/"c")", false, true},
    {R"("x","c")", true, true},
    {R"(,, "x",	,"c",)", true, true},
    {R"("a,"c",b")", false, false},  // "a," and then rubbish
    {R"("a,c","c")", true, true},
    {R"("a\","c")", true, true},  // a backslash escapes nothing here
    {"*", true, true},
    {" *\t", true, true},
    {R"(*, "c")", false, false},
    {R"("x", *)", false, false},
    {"", false, false},
    {" ", false, false},
    {",", false, false},
    {"c", false, false},
    {R"(c, "c")", false, false},
    {R"("x" "c")", false, false},
    {R"("c" "x")", false, false},
    {R"("c"x)", false, false},
    {R"("c", x)", true, true},
    {R"("x", "c)", false, false},
    {R"(w/"c")", false, false},
    {R"(W/ "c")", false, false},
};

TEST(EntityTag, IsFoundInLists) {
  for (const auto& each : rows) {
    EXPECT_EQ(list_matches(each.list, R"("c")", tag_compare::strong), each.strong) << each.list;
    EXPECT_EQ(list_matches(each.list, R"("c")", tag_compare::weak), each.weak) << each.list;
  }
}

TEST(EntityTag, WeakOrMissingCurrentTag) {
  EXPECT_FALSE(list_matches(R"(W/"c")", R"(W/"c")", tag_compare::strong));
  EXPECT_FALSE(list_matches(R"("c")", R"(W/"c")", tag_compare::strong));
  EXPECT_TRUE(list_matches(R"("c")", R"(W/"c")", tag_compare::weak));
  EXPECT_TRUE(list_matches("*", "", tag_compare::strong));
  for (const auto* list : {"", ",", R"("")", "x"}) EXPECT_FALSE(list_matches(list, "", tag_compare::weak)) << list;
}

}  // namespace
}  // namespace sampan::http
