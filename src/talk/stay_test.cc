// The conversation mode of talk::server.
#include <thread>

#include "talk/test_peers.h"

namespace sampan::talk {
namespace {

using testing::raw_peer;
using testing::recorded_server;
using testing::typed_input;

server_options staying(const typed_input& input) {
  server_options options;
  options.stay = true;
  options.input_fd = input.out.get();
  return options;
}

TEST(ListenStay, ShowsEachReadAndSendsNothingByItself) {
  server_options options;
  options.stay = true;
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  raw_peer q = raw_peer::to(s.port());
  p.send("\xc4\xe3\n\xba");
  s.wait_for_text("你\n");
  q.send("two");
  s.wait_for_text("two", 2);
  p.send("\xc3");
  s.wait_for_text("你\n好", 1);
  p.end();
  EXPECT_EQ(p.read_all(), "");
  s.wait_for(event_kind::left);
  q.send("!");  // the other one stays
  s.wait_for_text("two!", 2);
}

TEST(ListenStay, AnExplicitReplyAnswersEachMessage) {
  server_options options;
  options.stay = true;
  options.replies = std::vector<std::string>{"ok\n"};
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("one");
  EXPECT_EQ(p.read(3), "ok\n");
  p.send("two");
  EXPECT_EQ(p.read(3), "ok\n");
  p.send("three");
  p.end();  // at once: the last one is answered all the same
  EXPECT_EQ(p.read_all(), "ok\n");
}

TEST(ListenStay, TypedLinesGoToAll) {
  const typed_input input;
  recorded_server s(staying(input));
  raw_peer p = raw_peer::to(s.port());
  raw_peer q = raw_peer::to(s.port());
  s.wait_for(event_kind::connected, 2);
  input.type("你好\n");
  EXPECT_EQ(p.read(5), "\xc4\xe3\xba\xc3\n");
  EXPECT_EQ(q.read(5), "\xc4\xe3\xba\xc3\n");
}

TEST(ListenStay, ALineThatIsNotEncodableIsLeftOut) {
  const typed_input input;
  recorded_server s(staying(input));
  raw_peer p = raw_peer::to(s.port());
  s.wait_for(event_kind::connected);
  input.type("a\n5€\nb\n");
  EXPECT_EQ(p.read(4), "a\nb\n");
  s.wait_for(event_kind::not_sent);
  EXPECT_EQ(s.events().back().text, "5€\n");
  EXPECT_EQ(s.events().back().cause->code(), errc::not_encodable);
  input.type("\xe4\xbd");  // a character split over reads
  input.type("\xa0");
  EXPECT_EQ(p.read(2), "\xc4\xe3");
}

TEST(ListenStay, NobodyHereIsTold) {
  const typed_input input;
  recorded_server s(staying(input));
  input.type("lost\n");
  s.wait_for(event_kind::nobody_here);
  raw_peer p = raw_peer::to(s.port());
  s.wait_for(event_kind::connected);
  input.type("found\n");
  EXPECT_EQ(p.read(6), "found\n");
}

TEST(ListenStay, HeldInputWaitsForTheFirstClient) {
  typed_input input;
  server_options options = staying(input);
  options.hold_input = true;
  recorded_server s(options);
  input.type("early\n");
  input.in.reset();  // the end of the input changes nothing
  raw_peer p = raw_peer::to(s.port());
  EXPECT_EQ(p.read(6), "early\n");
  p.send("still heard");
  s.wait_for_text("still heard");
}

TEST(ListenStay, PipedTextGoesAtTheClientsPaceWithoutDroppingIt) {
  const typed_input input;
  recorded_server s(staying(input));
  raw_peer p = raw_peer::to(s.port());
  s.wait_for(event_kind::connected);
  // More than longest_backlog and both socket buffers; the client reads nothing until all of it is on its way.
  std::thread typist([&input] { input.type(std::string(16'000'000, 'x')); });
  EXPECT_EQ(p.read(16'000'000).size(), 16'000'000U);
  typist.join();
  EXPECT_EQ(s.count(event_kind::too_slow), 0);
}

TEST(ListenStay, AClientThatDoesNotReadIsDroppedWhileOthersGoOn) {
  const typed_input input;
  recorded_server s(staying(input));
  raw_peer slow = raw_peer::to(s.port());
  raw_peer p = raw_peer::to(s.port());
  s.wait_for(event_kind::connected, 2);
  std::thread typist([&input] { input.type(std::string(16'000'000, 'x')); });
  EXPECT_EQ(p.read(16'000'000).size(), 16'000'000U);
  typist.join();
  s.wait_for(event_kind::too_slow);
}

TEST(ListenStay, StopSendsWhatIsQueued) {
  const typed_input input;
  recorded_server s(staying(input));
  raw_peer p = raw_peer::to(s.port());
  s.wait_for(event_kind::connected);
  input.type(std::string(200'000, 'x') + "\n");
  EXPECT_EQ(p.read(1).substr(0, 1), "x");
  s.get().stop();
  const std::string rest = p.read_all();
  EXPECT_EQ(rest.find("…"), std::string::npos);
  p.close();
  EXPECT_TRUE(s.wait_until_ended());
}

TEST(ListenStay, StopsWhileWaitingForInput) {
  const typed_input input;
  recorded_server s(staying(input));
  s.get().stop_now();
  EXPECT_TRUE(s.wait_until_ended());
}

}  // namespace
}  // namespace sampan::talk
