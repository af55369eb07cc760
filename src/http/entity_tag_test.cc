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

constexpr std::int64_t second = 1'700'000'000;  // 6553f100, s44we8
constexpr std::uint64_t bytes = 1'048'576;      // 100000, mh34

struct made_of_row {
  const char* tag;
  bool when_modified_is_known, when_it_is_not;
};

TEST(EntityTag, KnowsThoseMadeOfSecondAndSize) {
  const made_of_row table[] = {
      {R"("6553f100-100000")", true, true},    // nginx
      {R"(W/"6553f100-100000")", true, true},  // the mark changes nothing about what it is made of
      {R"("6553F100-100000")", true, true},
      {R"("100000-60a24181e4000")", true, true},    // Apache, where no fraction is kept
      {R"("100000-60a24181e4001")", false, false},  // Apache, with its microseconds
      {R"("1700000000-1048576")", true, true},      // decimal
      {R"("1048576-1700000000000")", true, true},   // milliseconds
      {R"("1048576-1700000000001")", false, false},
      {R"("17979cfe362a0000-100000")", true, true},  // aiohttp, nanoseconds
      {R"("17979cfe362a0001-100000")", false, false},
      {R"("s44we8mh34")", true, true},        // Caddy 2.6
      {R"("cwyvpelgpse8mh34")", true, true},  // Caddy with nanoseconds
      {R"("cwyvpelgpse9mh34")", false, false},
      {R"("6553f100")", true, false},
      {R"("100000")", true, true},
      {R"("6553f101-100000")", false, true},  // another second: only a time like others where none is known
      {R"("6553f100-100001")", false, false},
      {R"("6553f100-")", false, false},
      {R"("-100000")", false, false},
      {R"("6553f100-100000-1")", false, false},  // three parts: an inode is one more witness
      {R"("1-100000")", false, false},
      {R"("-6553f100-100000")", false, false},
      {R"("+6553f100-100000")", false, false},
      {R"("2847384012")", false, false},  // lighttpd: a hash
      {R"("d41d8cd98f00b204e9800998ecf8427e")", false, false},
      {R"("")", false, false},
      {R"("-")", false, false},
      {R"(6553f100-100000)", false, false},  // no tag
      {R"("6553f100-100000" )", false, false},
      {"", false, false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(tells_only_second_and_size(row.tag, second, bytes), row.when_modified_is_known) << row.tag;
    EXPECT_EQ(tells_only_second_and_size(row.tag, std::nullopt, bytes), row.when_it_is_not) << row.tag;
  }
}

TEST(EntityTag, TakesSecondAndSizeAtTheirEnds) {
  EXPECT_TRUE(tells_only_second_and_size(R"("0-0")", 0, 0));
  EXPECT_TRUE(tells_only_second_and_size(R"("ffffffff-ffffffffffffffff")", std::nullopt, UINT64_MAX));
  EXPECT_FALSE(tells_only_second_and_size(R"("100000000-ffffffffffffffff")", std::nullopt, UINT64_MAX));
  EXPECT_FALSE(tells_only_second_and_size(R"("ffffffffffffffff-5")", -1, 5));
  EXPECT_FALSE(tells_only_second_and_size(R"("1ffffffffffffffff-5")", second, 5));
}

}  // namespace
}  // namespace sampan::http
