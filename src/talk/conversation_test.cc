// talk::converse against scripted peers.
#include <fcntl.h>

#include <thread>

#include "talk/test_peers.h"

namespace sampan::talk {
namespace {

using testing::raw_listener;
using testing::raw_peer;
using testing::recording;
using testing::scripted;
using testing::to;
using testing::typed_input;

TEST(TalkConversation, BothSidesTalkAndTheInputsEndIsTold) {
  raw_listener listener;
  typed_input input;
  std::thread peer = scripted(listener, [&input](raw_peer& p) {
    EXPECT_EQ(p.read(5), "\xc4\xe3\xba\xc3\n");
    p.send("\xca\xd5");
    p.send("\xb5\xbd\n");
    input.type("bye\n");
    input.in.reset();
    EXPECT_EQ(p.read_all(), "bye\n");
    p.send("late answer");  // the client stays for it
  });
  input.type("你好\n");
  recording r;
  EXPECT_EQ(converse(to(listener), input.out.get(), false, r.output()).value(), ending::peer_closed);
  peer.join();
  EXPECT_EQ(r.shown, "收到\nlate answer");
  EXPECT_FALSE(r.told(note_kind::peer_finished));
}

TEST(TalkConversation, AfterTheInputsEndTheWaitIsBounded) {
  raw_listener listener;
  client_options options = to(listener);
  recording r;
  for (const auto& [wait, how] : {std::pair(50, ending::wait_over), std::pair(0, ending::left_at_once)}) {
    typed_input input;
    input.type("abc\n");
    input.in.reset();
    options.wait = milliseconds(wait);
    EXPECT_EQ(converse(options, input.out.get(), false, r.output()).value(), how);
    EXPECT_EQ(listener.accept().read_all(), "abc\n");  // the kernel took the client in: the peer closes later than it
  }
}

TEST(TalkConversation, APeerThatFinishedStillHears) {
  raw_listener listener;
  typed_input input;
  std::thread peer = scripted(listener, [&input](raw_peer& p) {
    p.send("last words");
    p.end();
    std::this_thread::sleep_for(milliseconds(50));
    input.type("typed later\n");
    EXPECT_EQ(p.read(12), "typed later\n");
    input.type("/quit\n");
    EXPECT_EQ(p.read_all(), "");
  });
  recording r;
  EXPECT_EQ(converse(to(listener), input.out.get(), true, r.output()).value(), ending::quit);
  peer.join();
  EXPECT_EQ(r.shown, "last words");
  EXPECT_TRUE(r.told(note_kind::peer_finished));
}

TEST(TalkConversation, APipeThatSaysNothingMoreDoesNotHoldItUp) {
  raw_listener listener;
  const typed_input input;
  std::thread peer = scripted(listener, [](raw_peer& p) {
    p.end();
    EXPECT_EQ(p.read_all(), "/quit\n");
  });
  input.type("/quit\n");  // plain text, since nobody types here
  client_options options = to(listener);
  options.wait = milliseconds(80);
  recording r;
  EXPECT_EQ(converse(options, input.out.get(), false, r.output()).value(), ending::peer_closed);
  peer.join();
}

TEST(TalkConversation, ALineThatIsNotEncodableIsToldToAPerson) {
  raw_listener listener;
  typed_input input;
  recording r;
  client_output output = r.output();
  output.tell = [&](const note& n) {
    r.notes.push_back(n);
    if (n.kind == note_kind::not_sent) input.type("five\n");
  };
  input.type("5€\n");
  std::thread peer = scripted(listener, [](raw_peer& p) { EXPECT_EQ(p.read(5), "five\n"); });
  client_options options = to(listener);
  std::thread typist([&] {
    peer.join();  // the peer has left, and so does the person
    input.in.reset();
  });
  EXPECT_EQ(converse(options, input.out.get(), true, output).value(), ending::peer_closed);
  typist.join();
  EXPECT_EQ(r.notes.at(1).text, "5€\n");
  EXPECT_EQ(r.notes.at(1).cause->code(), errc::not_encodable);
}

TEST(TalkConversation, TextThatIsNotEncodableEndsAPipe) {
  raw_listener listener;
  const typed_input input;
  input.type("5€\n");
  std::thread peer = scripted(listener, [](raw_peer& p) { EXPECT_EQ(p.read_all(), ""); });
  recording r;
  EXPECT_EQ(converse(to(listener), input.out.get(), false, r.output()).error().code(), errc::not_encodable);
  peer.join();
}

TEST(TalkConversation, AReset) {
  raw_listener listener;
  const typed_input input;
  input.type("hi\n");
  std::thread peer = scripted(listener, [](raw_peer& p) {
    p.read(3);
    p.reset();
  });
  recording r;
  EXPECT_EQ(converse(to(listener), input.out.get(), false, r.output()).error().code(), errc::connection_reset);
  peer.join();
}

TEST(TalkConversation, AFileAsInput) {
  raw_listener listener;
  const base::unique_fd file(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  ASSERT_TRUE(file);
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "你好b";
  ASSERT_EQ(write(file.get(), text.data(), text.size()), std::ssize(text));
  ASSERT_EQ(lseek(file.get(), 0, SEEK_SET), 0);
  std::thread peer = scripted(listener, [](raw_peer& p) { EXPECT_EQ(p.read_all().size(), 200'000U * 5); });
  recording r;
  EXPECT_EQ(converse(to(listener), file.get(), false, r.output()).value(), ending::peer_closed);
  peer.join();
}

}  // namespace
}  // namespace sampan::talk
