#include "cli/traffic.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace sampan::cli {
namespace {

using std::chrono::milliseconds;

talk::record greeting() {
  return {std::chrono::system_clock::time_point(milliseconds(9)),
          talk::direction::in,
          2,
          "127.0.0.1:9",
          "\xc4\xe3\x1b\n",
          "你\x1b\n"};
}

std::string rendered(record_form form, bool time = false) {
  log_time clock;
  std::string text = render(greeting(), milliseconds(1012), form, time, "#2 ", clock);
  if (time) text.erase(0, std::string_view("1970-01-01 00:00:00").size());  // local
  return text;
}

TEST(Traffic, Forms) {
  const std::string dump = "00000000  c4 e3 1b 0a                                       |....|\n";
  EXPECT_EQ(rendered(record_form::text), "< #2 你\\x1b\n");
  EXPECT_EQ(rendered(record_form::text, true), ".009 +1.012 < #2 你\\x1b\n");
  EXPECT_EQ(rendered(record_form::hex, true), ".009 +1.012 < #2 (4)\n" + dump);
  EXPECT_EQ(rendered(record_form::both), "< #2 (4) 你\\x1b\n" + dump);
  EXPECT_TRUE(rendered(record_form::json).starts_with("{\"time\":\"1970-01-01T00:00:00.009Z\",\"delta_ms\":1012,"));
}

TEST(Traffic, WhoNeedsRecords) {
  traffic_view view;
  EXPECT_FALSE(view.wants_records());
  view.log = "x";
  EXPECT_TRUE(view.wants_records());
  EXPECT_FALSE(view.shows_records());
  EXPECT_TRUE(view.set_form("hex"));
  EXPECT_TRUE(view.shows_records());
  EXPECT_FALSE(view.set_form("json"));
  EXPECT_EQ(view.form, record_form::hex);
}

TEST(Traffic, TimeSinceTheLastRecord) {
  log_writer notices;
  std::string shown;
  traffic_view view;
  view.json = true;
  const auto made = traffic::open(view, false, notices, [&](const std::string& text) { shown += text; }).value();
  talk::record what = greeting();
  for (const int step : {100, 30, -50}) {
    what.time += milliseconds(step);
    made->take(what);
  }
  std::string deltas;
  for (std::size_t at = 0; (at = shown.find("delta_ms\":", at)) != std::string::npos;) {
    at += 10;
    deltas += shown.substr(at, shown.find(',', at) - at) + ' ';
  }
  EXPECT_EQ(deltas, "0 30 0 ");
}

TEST(Traffic, PlainFramesAreLinesOfWhatCame) {
  log_writer notices;
  std::string shown;
  traffic_view view;
  view.framed = true;
  const auto made = traffic::open(view, false, notices, [&](const std::string& text) { shown += text; }).value();
  talk::record what = greeting();
  made->take(what);
  what.way = talk::direction::out;
  made->take(what);
  EXPECT_EQ(shown, "你\\x1b\n");
}

TEST(Traffic, ALogThatCannotBeOpened) {
  log_writer notices;
  traffic_view view;
  view.log = "/nonexistent/x";
  EXPECT_TRUE(traffic::open(view, false, notices, {}).error().is_system(ENOENT));
}

}  // namespace
}  // namespace sampan::cli
