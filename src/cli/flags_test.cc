#include "cli/flags.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sampan::cli {
namespace {

using std::chrono::milliseconds;

const flag flags[] = {{"-p,--port", "N"},
                      {"-b,--bind", "ADDR", "", repeats::words},
                      {"--header", "LINE", "", repeats::lines},
                      {"--deep-water"},
                      {"--shore", nullptr, "", repeats::no, "--no-shore"},
                      {"--no-shore", nullptr, "", repeats::no, "--shore"},
                      {"--wait", "TIME"}};
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

TEST(Parse, SplitsAVariableOfLinesAtLineEnds) {
  setenv("SAMPAN_FLOAT_HEADER", "A: b c\n\nD: e\n", 1);
  EXPECT_EQ(parse(about, {})->list("--header"), (std::vector<std::string>{"A: b c", "D: e"}));
  unsetenv("SAMPAN_FLOAT_HEADER");
}

TEST(Parse, KnowsSwitchesThatAreTurnedOff) {
  EXPECT_TRUE(parse(about, {"--deep-water"})->on("--deep-water"));
  EXPECT_FALSE(parse(about, {"--deep-water=false"})->on("--deep-water", true));
  EXPECT_FALSE(parse(about, {"--deep-water=false"})->has("--deep-water"));
  EXPECT_TRUE(parse(about, {})->on("--deep-water", true));
  setenv("SAMPAN_FLOAT_DEEP_WATER", "1", 1);
  EXPECT_FALSE(parse(about, {"--deep-water=false"})->on("--deep-water"));
  setenv("SAMPAN_FLOAT_DEEP_WATER", "0", 1);
  EXPECT_FALSE(parse(about, {})->on("--deep-water", true));
  unsetenv("SAMPAN_FLOAT_DEEP_WATER");
}

TEST(Parse, LetsAnOppositeWinFromWhereItWeighsMore) {
  EXPECT_FALSE(parse(about, {"--shore", "--no-shore"}));
  EXPECT_TRUE(parse(about, {"--shore", "--no-shore=false"}));
  setenv("SAMPAN_FLOAT_NO_SHORE", "1", 1);
  EXPECT_TRUE(parse(about, {})->on("--no-shore"));
  const auto given = parse(about, {"--shore"});
  ASSERT_TRUE(given);
  EXPECT_TRUE(given->on("--shore"));
  EXPECT_FALSE(given->on("--no-shore"));
  unsetenv("SAMPAN_FLOAT_NO_SHORE");
}

TEST(Arguments, TakeWhatIsMissing) {
  arguments high, low;
  high.set("--bind", {"a"}, "--bind");
  low.set("--bind", {"b", "c"}, "F:1 bind");
  low.set("--wait", {"5"}, "F:2 wait");
  low.add_positional("x");
  ASSERT_TRUE(high.take_missing(low, about));
  EXPECT_EQ(high.list("--bind"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(high.source("--bind"), "--bind");
  EXPECT_EQ(high.text("--wait"), "5");
  EXPECT_EQ(high.source("--wait"), "F:2 wait");
  EXPECT_EQ(high.positional(), (std::vector<std::string>{"x"}));
  arguments first;
  first.add_positional("y");
  ASSERT_TRUE(first.take_missing(low, about));
  EXPECT_EQ(first.positional(), (std::vector<std::string>{"y"}));
}

}  // namespace
}  // namespace sampan::cli
