#include "server/decide.h"

#include <gtest/gtest.h>

namespace sampan::serving {
namespace {

constexpr std::string_view tag = "\"abc\"";
constexpr std::int64_t modified = 1'700'000'000;  // Tue, 14 Nov 2023 22:13:20 GMT
constexpr const char* date = "Tue, 14 Nov 2023 22:13:20 GMT";
constexpr const char* later = "Tue, 14 Nov 2023 22:13:21 GMT";
constexpr const char* earlier = "Tue, 14 Nov 2023 22:13:19 GMT";
constexpr const char* none = nullptr;

struct row {
  const char* what;
  const char* if_match;
  const char* if_none_match;
  const char* if_modified_since;
  const char* if_unmodified_since;
  const char* if_range;
  const char* range;
  int get;
  int head;
};

std::string_view view(const char* text) { return text == nullptr ? std::string_view() : std::string_view(text); }

int status_of(const row& one, bool head) {
  plan made;
  const asked request{head,
                      {view(one.if_match), view(one.if_none_match), view(one.if_modified_since),
                       view(one.if_unmodified_since), view(one.if_range)},
                      view(one.range)};
  decide(request, {tag, modified}, 10, modified + 1000, made);
  EXPECT_EQ(made.ranges.empty(), made.status != 206) << one.what;
  return made.status;
}

TEST(Decide, FollowsTheOrderOfTheRfc) {
  const row rows[] = {
      {"plain", none, none, none, none, none, none, 200, 200},
      {"range", none, none, none, none, none, "bytes=0-4", 206, 200},
      {"bad range", none, none, none, none, none, "bytes=10-", 416, 200},
      {"other unit", none, none, none, none, none, "items=0-1", 200, 200},
      {"if-match before all", "\"x\"", "\"abc\"", none, none, none, "bytes=0-4", 412, 412},
      {"if-match, then none-match", "\"abc\"", "\"abc\"", none, none, none, none, 304, 304},
      {"if-match hides the date", "\"abc\"", none, none, earlier, none, none, 200, 200},
      {"unmodified since", none, none, none, date, none, none, 200, 200},
      {"modified since then", none, none, none, earlier, none, "bytes=0-4", 412, 412},
      {"none-match hides the date", none, "\"x\"", later, none, none, none, 200, 200},
      {"not modified", none, none, date, none, none, "bytes=0-4", 304, 304},
      {"modified", none, none, earlier, none, none, "bytes=0-4", 206, 200},
      {"if-range current", none, none, none, none, "\"abc\"", "bytes=0-4", 206, 200},
      {"if-range other", none, none, none, none, "\"x\"", "bytes=0-4", 200, 200},
      {"if-range weak", none, none, none, none, "W/\"abc\"", "bytes=0-4", 200, 200},
      {"if-range date", none, none, none, none, date, "bytes=0-4", 206, 200},
      {"if-range later", none, none, none, none, later, "bytes=0-4", 200, 200},
      {"if-range other, bad range", none, none, none, none, "\"x\"", "bytes=10-", 200, 200},
      {"if-range alone", none, none, none, none, "\"x\"", none, 200, 200},
  };
  for (const row& one : rows) {
    EXPECT_EQ(status_of(one, false), one.get) << one.what;
    EXPECT_EQ(status_of(one, true), one.head) << "HEAD, " << one.what;
  }
}

TEST(Decide, KeepsTheOrderOfRanges) {
  plan made;
  decide({false, {}, "bytes=5-6,0-1"}, {tag, modified}, 10, modified, made);
  EXPECT_EQ(made.status, 206);
  EXPECT_EQ(made.ranges, (std::vector<http::byte_range>{{5, 6}, {0, 1}}));
}

}  // namespace
}  // namespace sampan::serving
