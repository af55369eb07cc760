#include "cli/log_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace sampan::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

// The zone is the process's: each test has it back as it was.
class LogTime : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* zone = std::getenv("TZ")) before_ = zone;
  }
  void TearDown() override { use_zone(before_); }

  static void use_zone(const std::string& zone) {
    if (zone.empty()) {
      unsetenv("TZ");
    } else {
      setenv("TZ", zone.c_str(), 1);
    }
    tzset();
  }

  std::string text(time_style style, milliseconds since_1970) {
    std::string out;
    times_.append(out, style, system_clock::time_point(since_1970));
    return out;
  }

  log_time times_;

 private:
  std::string before_;
};

constexpr milliseconds moment{1'772'370'309'649};  // 2026-03-01 13:05:09.649 UTC

TEST_F(LogTime, HasThreeStyles) {
  struct {
    const char* zone;
    time_style style;
    const char* text;
  } const table[] = {
      {"UTC0", time_style::local, "2026-03-01 13:05:09.649"},
      {"UTC0", time_style::utc, "2026-03-01T13:05:09.649Z"},
      {"UTC0", time_style::combined, "01/Mar/2026:13:05:09 +0000"},
      {"CST-8", time_style::local, "2026-03-01 21:05:09.649"},
      {"CST-8", time_style::utc, "2026-03-01T13:05:09.649Z"},
      {"CST-8", time_style::combined, "01/Mar/2026:21:05:09 +0800"},
      {"NST3:30", time_style::combined, "01/Mar/2026:09:35:09 -0330"},
      {"XXX0:30", time_style::combined, "01/Mar/2026:12:35:09 -0030"},
  };
  for (const auto& row : table) {
    use_zone(row.zone);
    times_ = {};
    EXPECT_EQ(text(row.style, moment), row.text) << row.zone;
  }
}

TEST_F(LogTime, FollowsTheSecondAndTheStyle) {
  use_zone("UTC0");
  EXPECT_EQ(text(time_style::utc, moment), "2026-03-01T13:05:09.649Z");
  EXPECT_EQ(text(time_style::utc, moment + milliseconds(351)), "2026-03-01T13:05:10.000Z");
  EXPECT_EQ(text(time_style::utc, moment - milliseconds(650)), "2026-03-01T13:05:08.999Z");
  EXPECT_EQ(text(time_style::combined, moment - milliseconds(650)), "01/Mar/2026:13:05:08 +0000");
  EXPECT_EQ(text(time_style::local, moment - milliseconds(650)), "2026-03-01 13:05:08.999");
}

TEST_F(LogTime, KnowsTimesBefore1970) {
  use_zone("UTC0");
  EXPECT_EQ(text(time_style::utc, milliseconds(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(text(time_style::utc, milliseconds(-1000)), "1969-12-31T23:59:59.000Z");
}

TEST_F(LogTime, Appends) {
  use_zone("UTC0");
  std::string out = "[";
  times_.append(out, time_style::combined, system_clock::time_point(moment));
  EXPECT_EQ(out, "[01/Mar/2026:13:05:09 +0000");
}

}  // namespace
}  // namespace sampan::cli
