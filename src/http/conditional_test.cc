#include "http/conditional.h"

#include <gtest/gtest.h>

namespace sampan::http {
namespace {

constexpr std::int64_t modified = 784'111'777;
constexpr std::int64_t now = modified + 1'000'000;
constexpr validators current{R"("c")", modified};

constexpr const char* exact = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* later = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr const char* far_ahead = "Fri, 31 Dec 9999 00:00:00 GMT";

struct row {
  conditions asked;
  verdict answer;
};

// The fields in the order of RFC 9110 13.2.2; what is left out is absent.
const row rows[] = {
    {{}, verdict::proceed},

    {{.if_match = R"("c")"}, verdict::proceed},
    {{.if_match = R"("x", "c")"}, verdict::proceed},
    {{.if_match = "*"}, verdict::proceed},
    {{.if_match = R"("x")"}, verdict::failed},
    {{.if_match = R"(W/"c")"}, verdict::failed},
    {{.if_match = ""}, verdict::failed},
    {{.if_match = "c"}, verdict::failed},

    {{.if_unmodified_since = exact}, verdict::proceed},
    {{.if_unmodified_since = later}, verdict::proceed},
    {{.if_unmodified_since = earlier}, verdict::failed},
    {{.if_unmodified_since = "yesterday"}, verdict::proceed},
    {{.if_unmodified_since = ""}, verdict::proceed},
    {{.if_match = R"("c")", .if_unmodified_since = earlier}, verdict::proceed},
    {{.if_match = R"("x")", .if_unmodified_since = later}, verdict::failed},

    {{.if_none_match = R"("c")"}, verdict::not_modified},
    {{.if_none_match = R"("x", "c" , "y")"}, verdict::not_modified},
    {{.if_none_match = R"(W/"c")"}, verdict::not_modified},
    {{.if_none_match = "*"}, verdict::not_modified},
    {{.if_none_match = R"("x")"}, verdict::proceed},
    {{.if_none_match = ""}, verdict::proceed},
    {{.if_none_match = "c"}, verdict::proceed},

    {{.if_modified_since = exact}, verdict::not_modified},
    {{.if_modified_since = later}, verdict::not_modified},
    {{.if_modified_since = far_ahead}, verdict::not_modified},
    {{.if_modified_since = earlier}, verdict::proceed},
    {{.if_modified_since = "Sunday, 06-Nov-94 08:49:37 GMT"}, verdict::not_modified},
    {{.if_modified_since = "Sun Nov  6 08:49:37 1994"}, verdict::not_modified},
    {{.if_modified_since = "yesterday"}, verdict::proceed},
    {{.if_modified_since = ""}, verdict::proceed},
    {{.if_modified_since = "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"}, verdict::proceed},
    {{.if_none_match = R"("x")", .if_modified_since = far_ahead}, verdict::proceed},
    {{.if_none_match = "", .if_modified_since = far_ahead}, verdict::proceed},
    {{.if_none_match = R"("c")", .if_modified_since = earlier}, verdict::not_modified},

    {{.if_match = R"("x")", .if_none_match = R"("c")"}, verdict::failed},
    {{.if_match = R"("c")", .if_none_match = R"("c")"}, verdict::not_modified},
    {{.if_match = R"("c")", .if_none_match = R"("x")"}, verdict::proceed},
    {{.if_none_match = R"("c")", .if_unmodified_since = earlier}, verdict::failed},
    {{.if_match = R"("c")", .if_modified_since = exact}, verdict::not_modified},
    {{.if_range = R"("x")"}, verdict::proceed},
};

TEST(Conditional, FollowsTheOrder) {
  for (const auto& each : rows) {
    EXPECT_EQ(evaluate(each.asked, current, now), each.answer) << "row " << &each - rows;
  }
}

TEST(Conditional, WithoutATagOnlyTheStarMatches) {
  const validators untagged{"", modified};
  EXPECT_EQ(evaluate({.if_match = "*"}, untagged, now), verdict::proceed);
  EXPECT_EQ(evaluate({.if_match = R"("")"}, untagged, now), verdict::failed);
  EXPECT_EQ(evaluate({.if_none_match = "*"}, untagged, now), verdict::not_modified);
  EXPECT_EQ(evaluate({.if_none_match = R"("")"}, untagged, now), verdict::proceed);
}

TEST(IfRange, NeedsTheVeryRepresentation) {
  const auto applies = [](std::string_view if_range) { return range_applies({.if_range = if_range}, current, now); };
  EXPECT_TRUE(range_applies({}, current, now));
  EXPECT_TRUE(applies(R"("c")"));
  EXPECT_TRUE(applies(exact));
  EXPECT_TRUE(applies("Sun Nov  6 08:49:37 1994"));
  for (const auto* other :
       {R"("x")", R"(W/"c")", R"("c", "x")", R"("x", "c")", "*", "c", "", "garbage", earlier, later}) {
    EXPECT_FALSE(applies(other)) << other;
  }
}

TEST(IfRange, WeakTagNeverApplies) {
  const validators weak{R"(W/"c")", modified};
  EXPECT_FALSE(range_applies({.if_range = R"(W/"c")"}, weak, now));
  EXPECT_FALSE(range_applies({.if_range = R"("c")"}, weak, now));
  EXPECT_FALSE(range_applies({.if_range = ""}, {"", modified}, now));
}

TEST(IfRange, YoungDateIsNoStrongValidator) {
  const auto applies_at = [](std::int64_t clock) { return range_applies({.if_range = exact}, current, clock); };
  EXPECT_TRUE(applies_at(modified + strong_date_age));
  EXPECT_FALSE(applies_at(modified + strong_date_age - 1));
  EXPECT_FALSE(applies_at(modified));
  EXPECT_FALSE(applies_at(modified - 1000));
}

}  // namespace
}  // namespace sampan::http
