// talk::send_text against scripted peers.
#include <sys/eventfd.h>

#include <future>
#include <thread>

#include "talk/test_peers.h"

namespace sampan::talk {
namespace {

using testing::raw_listener;
using testing::raw_peer;
using testing::recording;
using testing::scripted;
using testing::to;

TEST(TalkOneShot, TheRecordedRun) {
  raw_listener listener;
  std::thread peer = scripted(listener, [](raw_peer& p) {
    EXPECT_EQ(p.read(6), "\xc4\xe3\xba\xc3\xb0\xa1");
    p.send("\xce\xd2\xba\xdc\xba\xc3\xa3\xac\xc4\xe3\xc4\xd8");
  });
  recording r;
  EXPECT_EQ(send_text(to(listener), "你好啊", r.output()).value(), ending::peer_closed);
  peer.join();
  EXPECT_EQ(r.shown, "我很好，你呢");
  EXPECT_TRUE(r.notes.at(0).text.starts_with("127.0.0.1:"));
}

TEST(TalkOneShot, TheWriteSideStaysOpenAndQuietEndsTheReply) {
  raw_listener listener;
  std::thread peer = scripted(listener, [](raw_peer& p) {
    EXPECT_EQ(p.read(2), "hi");
    p.send("yes");
    EXPECT_EQ(p.read_all(), "");  // the end comes when the client leaves
  });
  client_options options = to(listener);
  options.quiet = milliseconds(30);
  recording r;
  EXPECT_EQ(send_text(options, "hi", r.output()).value(), ending::reply_quiet);
  peer.join();
  EXPECT_EQ(r.shown, "yes");
}

TEST(TalkOneShot, AHalfCharacterIsWaitedForBeyondQuiet) {
  raw_listener listener;
  std::thread peer = scripted(listener, [](raw_peer& p) {
    p.read(2);
    p.send("\xc4");
    std::this_thread::sleep_for(milliseconds(120));  // four quiet times
    p.send("\xe3\xba");
    std::this_thread::sleep_for(milliseconds(120));
    p.send("\xc3\n");
    EXPECT_EQ(p.read_all(), "");
  });
  client_options options = to(listener);
  options.quiet = milliseconds(30);
  recording r;
  EXPECT_EQ(send_text(options, "hi", r.output()).value(), ending::reply_quiet);
  peer.join();
  EXPECT_EQ(r.shown, "你好\n");
}

TEST(TalkOneShot, ATailThatStaysBrokenIsShown) {
  raw_listener listener;
  std::thread peer = scripted(listener, [](raw_peer& p) {
    p.read(2);
    p.send("a\xc4");
    p.read_all();
  });
  client_options options = to(listener);
  options.wait = milliseconds(100);
  options.quiet = milliseconds(10);
  recording r;
  EXPECT_EQ(send_text(options, "hi", r.output()).value(), ending::reply_quiet);
  peer.join();
  EXPECT_EQ(r.shown, "a\\xc4");
}

TEST(TalkOneShot, NoReply) {
  raw_listener listener;
  std::thread peer = scripted(listener, [](raw_peer& p) { p.read(2); });
  recording r;
  EXPECT_EQ(send_text(to(listener), "hi", r.output()).value(), ending::no_reply);
  peer.join();

  client_options options = to(listener);
  options.wait = milliseconds(50);
  peer = scripted(listener, [](raw_peer& p) { EXPECT_EQ(p.read_all(), "hi"); });
  const auto late = send_text(options, "hi", r.output());
  peer.join();
  EXPECT_EQ(late.error().code(), errc::reply_timeout);
  EXPECT_EQ(late.error().detail(), "50 ms");

  options.wait = milliseconds(0);
  peer = scripted(listener, [](raw_peer& p) { EXPECT_EQ(p.read_all(), "hi"); });
  EXPECT_EQ(send_text(options, "hi", r.output()).value(), ending::left_at_once);
  peer.join();
  EXPECT_EQ(r.shown, "");
}

TEST(TalkOneShot, AResetIsAnErrorAfterWhatCameBeforeIt) {
  raw_listener listener;
  std::promise<void> seen;
  std::thread peer = scripted(listener, [&seen](raw_peer& p) {
    p.read(2);
    p.send("thank you !");
    seen.get_future().wait();
    p.reset();
  });
  recording r;
  client_output output = r.output();
  output.show = [&](std::string_view text) -> result<void> {
    r.shown += text;
    seen.set_value();
    return {};
  };
  EXPECT_EQ(send_text(to(listener), "hi", output).error().code(), errc::connection_reset);
  peer.join();
  EXPECT_EQ(r.shown, "thank you !");

  peer = scripted(listener, [](raw_peer& p) {
    p.read(2);
    p.reset();
  });
  EXPECT_EQ(send_text(to(listener), "hi", r.output()).error().code(), errc::connection_reset);
  peer.join();
}

TEST(TalkOneShot, ALongTextToAPeerThatAnswersFirst) {
  raw_listener listener;
  const std::string text(8'000'000, 'x');
  std::thread peer = scripted(listener, [&text](raw_peer& p) {
    p.send(std::string(100'000, 'y'));
    EXPECT_EQ(p.read(text.size()).size(), text.size());
  });
  recording r;
  EXPECT_EQ(send_text(to(listener), text, r.output()).value(), ending::peer_closed);
  peer.join();
  EXPECT_EQ(r.shown.size(), 100'000U);
}

TEST(TalkOneShot, NothingIsConnectedWhenTheTextIsWrong) {
  raw_listener listener;
  recording r;
  client_options options = to(listener);
  EXPECT_EQ(send_text(options, "", r.output()).error().code(), errc::empty_text);
  EXPECT_EQ(send_text(options, "5€", r.output()).error().code(), errc::not_encodable);
  options.encoding = "klingon";
  EXPECT_EQ(send_text(options, "hi", r.output()).error().code(), errc::unknown_encoding);
  EXPECT_TRUE(r.notes.empty());
}

TEST(TalkOneShot, TheOutputsErrorAndTheUsersImpatience) {
  raw_listener listener;
  std::thread peer = scripted(listener, [](raw_peer& p) {
    p.send("text");
    p.read_all();
  });
  recording r;
  r.answer = error::system(EPIPE, "write", "stdout");
  EXPECT_TRUE(send_text(to(listener), "hi", r.output()).error().is_system(EPIPE));
  peer.join();

  const base::unique_fd enough(eventfd(1, EFD_CLOEXEC));
  client_options options = to(listener);
  options.interrupt_fd = enough.get();
  EXPECT_EQ(send_text(options, "hi", r.output()).error().code(), errc::interrupted);
}

}  // namespace
}  // namespace sampan::talk
