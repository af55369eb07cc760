#include "http/date.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace sampan::http {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t now = 1'795'608'000;  // 25 November 2026, 12:00

std::string written(std::int64_t seconds) {
  const auto text = format_date(seconds);
  return {text.begin(), text.end()};
}

std::optional<std::int64_t> at_2026(std::string_view text) { return parse_date(text, now); }

TEST(Date, ReadsTheThreeForms) {
  EXPECT_EQ(at_2026("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(at_2026("Sunday, 06-Nov-94 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(at_2026("Sun Nov  6 08:49:37 1994"), 784'111'777);
  EXPECT_EQ(at_2026("Wed Nov 16 08:49:37 1994"), 784'975'777);
}

struct row {
  std::int64_t seconds;
  std::string text;
};

// As GNU date prints them.
const row rows[] = {
    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
    {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
    {951'782'400, "Tue, 29 Feb 2000 00:00:00 GMT"},
    {951'868'799, "Tue, 29 Feb 2000 23:59:59 GMT"},
    {951'868'800, "Wed, 01 Mar 2000 00:00:00 GMT"},
    {4'107'542'400, "Mon, 01 Mar 2100 00:00:00 GMT"},
    {2'147'483'648, "Tue, 19 Jan 2038 03:14:08 GMT"},
    {253'402'300'799, "Fri, 31 Dec 9999 23:59:59 GMT"},
    {-62'167'219'200, "Sat, 01 Jan 0000 00:00:00 GMT"},
};

TEST(Date, KnowsTheCalendar) {
  for (const auto& each : rows) {
    EXPECT_EQ(written(each.seconds), each.text);
    EXPECT_EQ(at_2026(each.text), each.seconds) << each.text;
  }
}

TEST(Date, StaysWithinFourDigits) {
  for (const auto late : {std::int64_t{253'402'300'800}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(written(late), "Fri, 31 Dec 9999 23:59:59 GMT");
  }
  for (const auto early : {std::int64_t{-62'167'219'201}, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(written(early), "Sat, 01 Jan 0000 00:00:00 GMT");
  }
  EXPECT_EQ(at_2026("Fri, 31 Dec 9999 23:59:60 GMT"), 253'402'300'799);
}

// All days of two turns of the calendar (400 years each): what is written is read again, and the weekdays follow each other.
TEST(Date, ComesBackOnEveryDay) {
  constexpr std::int64_t first_of_1600 = -11'676'096'000, first_of_2400 = 13'569'465'600;
  const std::string weekdays = "SunMonTueWedThuFriSat";
  std::size_t weekday = 6 * 3;  // 1 January 1600 was a Saturday
  for (std::int64_t seconds = first_of_1600 + 12'345; seconds < first_of_2400; seconds += day) {
    const auto text = format_date(seconds);
    const std::string_view view(text.data(), text.size());
    ASSERT_EQ(parse_date(view, now), seconds) << view;
    ASSERT_EQ(view.substr(0, 3), weekdays.substr(weekday, 3)) << view;
    weekday = (weekday + 3) % weekdays.size();
  }
}

TEST(Date, CountsALeapSecondAsTheNextMinute) {
  EXPECT_EQ(at_2026("Sat, 31 Dec 2016 23:59:60 GMT"), at_2026("Sun, 01 Jan 2017 00:00:00 GMT"));
}

TEST(Date, DoesNotCompareTheNameOfTheDay) {
  EXPECT_EQ(at_2026("Mon, 06 Nov 1994 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(at_2026("Saturday, 06-Nov-94 08:49:37 GMT"), 784'111'777);
}

TEST(Date, RefusesEverythingElse) {
  for (const std::string_view bad : {
           "",
           "0",
           "784111777",
           "Sun",
           "Sun,",
           "Sun, 06 Nov 1994 08:49:37",
           "Sun, 06 Nov 1994 08:49:37 GMT ",
           " Sun, 06 Nov 1994 08:49:37 GMT",
           "sun, 06 Nov 1994 08:49:37 GMT",
           "Sun, 06 nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 1994 08:49:37 gmt",
           "Sun, 06 Nov 1994 08:49:37 UTC",
           "Sun, 06 Nov 1994 08:49:37 +0000",
           "Sun, 6 Nov 1994 08:49:37 GMT",
           "Sun,  6 Nov 1994 08:49:37 GMT",
           "Sun,06 Nov 1994 08:49:37 GMT",
           "Sun, 06  Nov 1994 08:49:37 GMT",
           "Sun, 06-Nov-1994 08:49:37 GMT",
           "Sun, 06 Nov 94 08:49:37 GMT",
           "Sun, 00 Nov 1994 08:49:37 GMT",
           "Sun, 31 Nov 1994 08:49:37 GMT",
           "Sun, 32 Dec 1994 08:49:37 GMT",
           "Wed, 29 Feb 1995 08:49:37 GMT",
           "Thu, 29 Feb 1900 08:49:37 GMT",
           "Sun, 06 Nov 1994 24:00:00 GMT",
           "Sun, 06 Nov 1994 08:60:37 GMT",
           "Sun, 06 Nov 1994 08:49:61 GMT",
           "Sun, 06 Nov 1994 8:49:37 GMT",
           "Sun, 06 Nov -994 08:49:37 GMT",
           "Sun, 06 Nov 19941 08:49:37 GMT",
           "Xyz, 06 Nov 1994 08:49:37 GMT",
           "Sunday, 06 Nov 1994 08:49:37 GMT",
           "Sunday, 06-Nov-1994 08:49:37 GMT",
           "Sun, 06-Nov-94 08:49:37 GMT",
           "Sunday, 6-Nov-94 08:49:37 GMT",
           "Thursday, 29-Feb-01 08:49:37 GMT",
           "Sun Nov 6 08:49:37 1994",
           "Sun Nov 06 08:49:37 94",
           "Sun Nov  6 08:49:37 1994 GMT",
           "Sun Nov  0 08:49:37 1994",
           "Sunday Nov  6 08:49:37 1994",
           "Sun Nov  6 08:49:37",
           "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994",
       }) {
    EXPECT_EQ(at_2026(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(at_2026(std::string_view("Sun, 06 Nov 1994 08:49:37 GMT\0", 30)), std::nullopt);
}

TEST(Date, EveryCutOfADateIsNone) {
  for (const std::string_view whole :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_EQ(at_2026(whole.substr(0, length)), std::nullopt) << whole.substr(0, length);
    }
  }
}

std::string two_digits(std::string_view text, std::string_view at) {
  const auto clock = parse_date(at, 0);
  const auto read = parse_date(text, clock.value());
  return read ? written(*read).substr(5) : "none";
}

// RFC 9110 5.6.7.
TEST(Date, TakesATwoDigitYearForAPastOneBeyondFiftyYears) {
  const auto in_2026 = [](std::string_view text) { return two_digits(text, "Wed, 25 Nov 2026 10:00:00 GMT"); };
  EXPECT_EQ(in_2026("Monday, 25-Nov-75 10:00:00 GMT"), "25 Nov 2075 10:00:00 GMT");
  EXPECT_EQ(in_2026("Monday, 25-Nov-76 10:00:00 GMT"), "25 Nov 2076 10:00:00 GMT");
  EXPECT_EQ(in_2026("Monday, 25-Nov-76 10:00:01 GMT"), "25 Nov 1976 10:00:01 GMT");
  EXPECT_EQ(in_2026("Monday, 24-Nov-76 23:59:59 GMT"), "24 Nov 2076 23:59:59 GMT");
  EXPECT_EQ(in_2026("Monday, 26-Nov-76 00:00:00 GMT"), "26 Nov 1976 00:00:00 GMT");
  EXPECT_EQ(in_2026("Monday, 01-Jan-77 00:00:00 GMT"), "01 Jan 1977 00:00:00 GMT");
  EXPECT_EQ(in_2026("Monday, 29-Feb-76 00:00:00 GMT"), "29 Feb 2076 00:00:00 GMT");
  EXPECT_EQ(in_2026("Monday, 29-Feb-00 00:00:00 GMT"), "29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(in_2026("Monday, 25-Nov-26 10:00:01 GMT"), "25 Nov 2026 10:00:01 GMT");
  EXPECT_EQ(in_2026("Monday, 25-Nov-99 10:00:00 GMT"), "25 Nov 1999 10:00:00 GMT");
}

TEST(Date, LooksAheadOverTheTurnOfACentury) {
  const auto in_1999 = [](std::string_view text) { return two_digits(text, "Fri, 31 Dec 1999 12:00:00 GMT"); };
  EXPECT_EQ(in_1999("Saturday, 01-Jan-00 00:00:00 GMT"), "01 Jan 2000 00:00:00 GMT");
  EXPECT_EQ(in_1999("Friday, 31-Dec-49 12:00:00 GMT"), "31 Dec 2049 12:00:00 GMT");
  EXPECT_EQ(in_1999("Friday, 31-Dec-49 12:00:01 GMT"), "31 Dec 1949 12:00:01 GMT");
  EXPECT_EQ(in_1999("Saturday, 01-Jan-50 00:00:00 GMT"), "01 Jan 1950 00:00:00 GMT");
}

TEST(Date, BearsAnyClock) {
  constexpr std::string_view in_94 = "Sunday, 06-Nov-94 08:49:37 GMT", in_20 = "Sunday, 06-Nov-20 08:49:37 GMT";
  for (const auto first : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-62'167'219'200}}) {
    EXPECT_EQ(parse_date(in_94, first), std::nullopt);  // would be the year -6
    EXPECT_EQ(parse_date(in_20, first), at_2026("Fri, 06 Nov 0020 08:49:37 GMT"));
  }
  for (const auto last : {std::int64_t{253'402'300'799}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(parse_date(in_94, last), at_2026("Sun, 06 Nov 9994 08:49:37 GMT"));
    EXPECT_EQ(parse_date(in_20, last), std::nullopt);  // would be the year 10020
  }
}

}  // namespace
}  // namespace sampan::http
