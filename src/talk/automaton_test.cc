#include "talk/automaton.h"

#include <gtest/gtest.h>

namespace sampan::talk {
namespace {

constexpr automaton::clock::time_point start{std::chrono::hours(1)};
constexpr milliseconds ms{1};

struct setting {
  explicit setting(client_options given)
      : options(std::move(given)),
        tongue(voice::open(options, "utf-8").value()),
        made(options, tongue, "peer", start) {}
  client_options options;
  voice tongue;
  automaton made;
};

client_options replying(std::vector<std::string> rules) {
  client_options options;
  options.replies = std::move(rules);
  return options;
}

TEST(Automaton, NothingToSay) {
  setting s{client_options()};
  s.made.heard("text", false, start);
  EXPECT_EQ(s.made.due(), automaton::clock::time_point::max());
  EXPECT_FALSE(s.made.replaying());
}

TEST(Automaton, RepliesAfterQuiet) {
  setting s(replying({"PING=>PONG {count}"}));
  s.made.heard("PI", false, start);
  EXPECT_EQ(s.made.due(), start + 50 * ms);
  s.made.heard("NG\n", false, start + 30 * ms);
  EXPECT_EQ(s.made.due(), start + 80 * ms);
  EXPECT_EQ(s.made.take(start + 79 * ms, true), "");
  EXPECT_EQ(s.made.take(start + 80 * ms, true), "PONG 1");
  EXPECT_EQ(s.made.due(), automaton::clock::time_point::max());
}

TEST(Automaton, HalfACharacterIsWaitedFor) {
  setting s(replying({"=>x"}));
  s.made.heard("你", true, start);
  EXPECT_EQ(s.made.due(), start + s.options.quiet);
}

TEST(Automaton, ALongMessageOrTheEndNeedsNoQuiet) {
  setting s(replying({"=>x"}));
  s.made.heard(std::string(longest_message, 'a'), false, start);
  EXPECT_EQ(s.made.take(start, true), "x");
  s.made.heard("b", false, start);
  s.made.heard_the_end(start);
  EXPECT_EQ(s.made.take(start, true), "x");
  s.made.heard_the_end(start);
  EXPECT_EQ(s.made.take(start, true), "");
}

TEST(Automaton, DelayedReplies) {
  client_options options = replying({"=>x"});
  options.reply_delay = 200 * ms;
  options.sending.check = checksum::sum;
  setting s(options);
  s.made.heard("a", false, start);
  EXPECT_EQ(s.made.take(start + 50 * ms, true), "");
  EXPECT_EQ(s.made.due(), start + 250 * ms);
  EXPECT_EQ(s.made.take(start + 250 * ms, true), "xx");
}

TEST(Automaton, AStormOfReplies) {
  client_options options = replying({"=>x"});
  options.reply_limit = 2;
  setting s(options);
  std::string all;
  for (int i = 0; i < 5; ++i) {
    s.made.heard("a", false, start + i * 100 * ms);
    all += s.made.take(start + (i * 100 + 50) * ms, true);
  }
  EXPECT_EQ(all, "xx");
  EXPECT_TRUE(s.made.dropped_untold());
  EXPECT_FALSE(s.made.dropped_untold());
}

TEST(Automaton, PeriodicTextIsSkippedWhileThePeerDoesNotTakeIt) {
  client_options options;
  options.every = 10 * ms;
  options.periodic = "tick {count}\\n";
  setting s(options);
  EXPECT_EQ(s.made.take(start, true), "tick 1\n");
  EXPECT_EQ(s.made.take(start + 9 * ms, true), "");
  EXPECT_EQ(s.made.take(start + 10 * ms, false), "");
  EXPECT_EQ(s.made.take(start + 20 * ms, false), "");
  EXPECT_EQ(s.made.skipped(), 2U);
  EXPECT_EQ(s.made.take(start + 1000 * ms, true), "tick 2\n");  // one, not a hundred
  EXPECT_EQ(s.made.skipped(), 0U);
  EXPECT_EQ(s.made.due(), start + 1010 * ms);
}

TEST(Automaton, AReplayKeepsItsPausesAndItsPace) {
  client_options options;
  options.replay = {{5 * ms, "a"}, {0 * ms, "b"}, {100 * ms, "c"}};
  setting s(options);
  EXPECT_EQ(s.made.due(), start + 5 * ms);
  EXPECT_EQ(s.made.take(start + 5 * ms, false), "");
  EXPECT_EQ(s.made.take(start + 6 * ms, true), "a");
  EXPECT_EQ(s.made.take(start + 6 * ms, true), "b");
  EXPECT_TRUE(s.made.replaying());
  EXPECT_EQ(s.made.due(), start + 106 * ms);
  EXPECT_EQ(s.made.take(start + 106 * ms, true), "c");
  EXPECT_FALSE(s.made.replaying());
  EXPECT_EQ(s.made.due(), automaton::clock::time_point::max());
}

}  // namespace
}  // namespace sampan::talk
