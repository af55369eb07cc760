#include "cli/flags.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sampan::cli {
namespace {

using std::chrono::milliseconds;

const flag flags[] = {{"-p,--port", "N"}, {"-b,--bind", "ADDR", "", true}, {"--deep-water"}, {"--wait", "TIME"}};
const command about{"float", "[A]", "", flags, 2, true};

TEST(ParseDuration, KnowsItsUnits) {
  EXPECT_EQ(*parse_duration("5"), milliseconds(5000));
  EXPECT_EQ(*parse_duration("0.5"), milliseconds(500));
  EXPECT_EQ(*parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(*parse_duration("2m"), milliseconds(120'000));
  EXPECT_EQ(*parse_duration("0"), milliseconds(0));
  for (const char* bad : {"", "s", "-1", "5h", "1e3", "nan", "inf", "5 s", "99999999"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Parse, TakesOptionsAndArguments) {
  const auto given = parse(about, {"x", "-p", "-1", "--bind=a", "-b", "b", "--deep-water", "--", "-y"});
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->text("--port"), "-1");
  EXPECT_EQ(given->list("--bind"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(given->has("--deep-water"));
  EXPECT_FALSE(given->has("--wait"));
  EXPECT_EQ(given->positional(), (std::vector<std::string>{"x", "-y"}));
  EXPECT_EQ(given->port("--port", 1, 1).error().code(), errc::bad_port);
}

TEST(Parse, LeavesBracketsAndCommasAlone) {
  const auto given = parse(about, {"[a,b]", "[]", "-b", "[c,d]"});
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->positional(), (std::vector<std::string>{"[a,b]", "[]"}));
  EXPECT_EQ(given->list("--bind"), (std::vector<std::string>{"[c,d]"}));
}

TEST(Parse, RefusesWhatIsNotInTheTable) {
  EXPECT_FALSE(parse(about, {"--nope"}));
  EXPECT_FALSE(parse(about, {"-p"}));
  EXPECT_FALSE(parse(about, {"a", "b", "c"}));
}

TEST(Parse, TakesTheEnvironmentAndLetsTheCommandLineWin) {
  setenv("SAMPAN_FLOAT_PORT", "5", 1);
  setenv("SAMPAN_FLOAT_BIND", "a  b", 1);
  setenv("SAMPAN_FLOAT_DEEP_WATER", "1", 1);
  const auto given = parse(about, {"-p", "6"});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->text("--port"), "6");
  EXPECT_EQ(given->list("--bind"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(given->source("--bind"), "SAMPAN_FLOAT_BIND");
  EXPECT_TRUE(given->has("--deep-water"));
  setenv("SAMPAN_FLOAT_DEEP_WATER", "yes", 1);
  EXPECT_FALSE(parse(about, {}));
  for (const char* name : {"SAMPAN_FLOAT_PORT", "SAMPAN_FLOAT_BIND", "SAMPAN_FLOAT_DEEP_WATER"}) unsetenv(name);
}

}  // namespace
}  // namespace sampan::cli
