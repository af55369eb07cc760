#include <thread>

#include "talk/test_peers.h"

namespace sampan::talk {
namespace {

using namespace std::string_view_literals;
using testing::raw_peer;
using testing::recorded_server;

server_options reply_mode() { return {}; }

server_options staying() {
  server_options options;
  options.stay = true;
  return options;
}

TEST(ListenReply, AnswersTheCoursesClient) {
  recorded_server s(reply_mode());
  raw_peer p = raw_peer::to(s.port());
  p.send("\xc4\xe3\xba\xc3");
  EXPECT_EQ(p.read_all(), "thank you !");
  p.close();
  s.wait_for(event_kind::left);
  EXPECT_EQ(s.text(), "你好");
  const auto events = s.events();
  EXPECT_EQ(events.at(0).kind, event_kind::connected);
  EXPECT_EQ(events.at(1).client, 1U);
  EXPECT_TRUE(events.at(1).peer.starts_with("127.0.0.1:"));
}

TEST(ListenReply, HalfCloseEndsTheMessageAtOnce) {
  server_options options = reply_mode();
  options.quiet = milliseconds(60'000);
  options.replies = std::vector<std::string>{"收到"};
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("abc");
  p.end();
  EXPECT_EQ(p.read_all(), "\xca\xd5\xb5\xbd");
  s.wait_for_text("abc");
}

TEST(ListenReply, ACharacterSplitOverSegmentsIsWaitedFor) {
  server_options options = reply_mode();
  options.quiet = milliseconds(20);
  options.half_character = milliseconds(60'000);
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("\xc4");
  std::this_thread::sleep_for(milliseconds(100));  // five quiet times
  EXPECT_EQ(s.count(event_kind::text), 0);
  p.send("\xe3\xba\xc3");
  EXPECT_EQ(p.read_all(), "thank you !");
  EXPECT_EQ(s.text(), "你好");
  EXPECT_EQ(s.count(event_kind::text), 1);
}

TEST(ListenReply, AHalfCharacterIsNotWaitedForForEver) {
  server_options options = reply_mode();
  options.half_character = milliseconds(60);
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("a\xc4");
  EXPECT_EQ(p.read_all(), "thank you !");
  p.send("\xe3");  // its rest may still come while the connection is drained
  p.close();
  s.wait_for(event_kind::left);
  EXPECT_EQ(s.text(), "a你");
}

TEST(ListenReply, TheTailOfABrokenCharacterIsShown) {
  recorded_server s(reply_mode());
  raw_peer p = raw_peer::to(s.port());
  p.send(
      "A\xff"
      "B\xc4");
  p.end();
  EXPECT_EQ(p.read_all(), "thank you !");
  s.wait_for_text("A\\xffB\\xc4");
}

TEST(ListenReply, ALongMessageIsDrainedAndNeverReset) {
  recorded_server s(reply_mode());
  raw_peer p = raw_peer::to(s.port());
  std::string sent;
  for (int i = 0; i < 100'000; ++i) sent += static_cast<char>('a' + i % 26);
  p.send(sent);
  p.end();
  EXPECT_EQ(p.read_all(), "thank you !");
  s.wait_for(event_kind::left);
  EXPECT_EQ(s.text(), sent);
  for (const event& e : s.events()) {
    if (e.kind == event_kind::text) {
      EXPECT_EQ(e.text.size(), longest_message);  // exactly, however the segments fell
      break;
    }
  }
}

TEST(ListenReply, ACharacterAcrossTheMessagesEndIsOne) {
  recorded_server s(reply_mode());
  raw_peer p = raw_peer::to(s.port());
  std::string sent = "x";
  std::string text = "x";
  for (int i = 0; i < 33'000; ++i) {
    sent += "\xc4\xe3";
    text += "你";
  }
  p.send(sent);
  p.end();
  EXPECT_EQ(p.read_all(), "thank you !");
  s.wait_for(event_kind::left);
  EXPECT_TRUE(s.text() == text);
}

TEST(ListenReply, AClientThatDoesNotCloseIsLetGo) {
  server_options options = reply_mode();
  options.drain = milliseconds(80);
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("hi");
  EXPECT_EQ(p.read_all(), "thank you !");
  s.wait_for(event_kind::let_go);
}

TEST(ListenReply, NoDataGetsNoReply) {
  recorded_server s(reply_mode());
  raw_peer p = raw_peer::to(s.port());
  p.end();
  EXPECT_EQ(p.read_all(), "");
  s.wait_for(event_kind::no_data);
  raw_peer q = raw_peer::to(s.port());
  q.send("still there");
  EXPECT_EQ(q.read_all(), "thank you !");
}

TEST(ListenReply, ASilentClientFreesItsSlot) {
  server_options options = reply_mode();
  options.silence = milliseconds(50);
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  EXPECT_EQ(p.read_all(), "");
  p.close();
  s.wait_for(event_kind::silent);
}

TEST(ListenReply, ADrippingClientIsAnsweredInTheEnd) {
  server_options options = reply_mode();
  options.quiet = milliseconds(60'000);
  options.longest = milliseconds(0);
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("a");
  EXPECT_EQ(p.read_all(), "thank you !");
}

TEST(ListenReply, AResetIsTold) {
  server_options options = reply_mode();
  options.quiet = milliseconds(60'000);
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("abc");
  s.wait_for(event_kind::connected);
  p.reset();
  s.wait_for(event_kind::reset);
}

TEST(ListenReply, AnEmptyReplyOnlyCloses) {
  server_options options = reply_mode();
  options.replies = std::vector<std::string>{""};
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("hi");
  EXPECT_EQ(p.read_all(), "");
  s.wait_for_text("hi");
}

TEST(ListenReply, AReplyThatIsNotTakenEndsTheClient) {
  server_options options = reply_mode();
  options.send_stall = milliseconds(80);
  options.replies = std::vector{std::string(32'000'000, 'x')};  // more than both socket buffers hold
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("hi");
  s.wait_for(event_kind::too_slow);
}

TEST(ListenReply, ManyClientsAtOnce) {
  recorded_server s(reply_mode());
  std::vector<raw_peer> peers;
  for (int i = 0; i < 300; ++i) peers.push_back(raw_peer::to(s.port()));
  for (raw_peer& p : peers) p.send("\xc4\xe3");
  for (raw_peer& p : peers) EXPECT_EQ(p.read_all(), "thank you !");
  peers.clear();
  s.wait_for(event_kind::left, 300);
  EXPECT_EQ(s.count(event_kind::text), 300);
}

TEST(Listen, OnceRefusesASecondClientAndEndsWithTheFirst) {
  server_options options = staying();
  options.once = true;
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  p.send("a");
  s.wait_for_text("a");
  raw_peer q = raw_peer::to(s.port());
  EXPECT_NE(q.read_all(), "…timeout");  // refused, or closed at once when it got in just before the door shut
  p.reset();
  EXPECT_TRUE(s.wait_until_ended());
  EXPECT_EQ(s.get().totals().clients, 1U);
}

TEST(Listen, StopAnswersWhatHasBegunAndFreesThePort) {
  server_options options = reply_mode();
  options.quiet = milliseconds(60'000);
  options.silence = milliseconds(60'000);
  options.stop_linger = milliseconds(60'000);
  recorded_server s(options);
  raw_peer talking = raw_peer::to(s.port());
  talking.send("hi");
  raw_peer quiet = raw_peer::to(s.port());
  s.wait_for(event_kind::connected, 2);
  s.get().stop();
  EXPECT_EQ(talking.read_all(), "thank you !");
  EXPECT_EQ(quiet.read_all(), "");
  talking.close();
  quiet.close();
  EXPECT_TRUE(s.wait_until_ended());
  EXPECT_FALSE(raw_peer::to(s.port()).connected());
  EXPECT_EQ(s.text(), "hi");
  EXPECT_EQ(s.get().totals().bytes_out, 11U);
}

TEST(Listen, StopDoesNotWaitLongForClientsThatStay) {
  server_options options = staying();
  options.stop_linger = milliseconds(50);
  recorded_server s(options);
  raw_peer p = raw_peer::to(s.port());
  s.wait_for(event_kind::connected);
  s.get().stop();
  EXPECT_EQ(p.read_all(), "");  // an end, not a reset
  EXPECT_TRUE(s.wait_until_ended());
  EXPECT_EQ(s.count(event_kind::stopped), 1);
}

TEST(Listen, ErrorsAtStart) {
  const auto ignore = [](const event&) {};
  server_options options;
  options.encoding = "klingon";
  EXPECT_EQ(server::create(options, ignore).error().code(), errc::unknown_encoding);
  options.encoding = "gbk";
  options.replies = std::vector<std::string>{"5€"};
  EXPECT_EQ(server::create(options, ignore).error().code(), errc::not_encodable);
  options.replies.reset();
  options.bind = {"127.0.0"};
  EXPECT_EQ(server::create(options, ignore).error().code(), errc::bad_address);
  recorded_server s(reply_mode());
  options.bind = {"127.0.0.1"};
  options.port = s.port();
  EXPECT_EQ(server::create(options, ignore).error().code(), errc::port_in_use);
}

}  // namespace
}  // namespace sampan::talk
