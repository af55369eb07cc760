// talk::send_text and talk::converse against scripted peers.
#include <fcntl.h>
#include <sys/eventfd.h>

#include <future>
#include <thread>

#include "talk/test_peers.h"

namespace sampan::talk {
namespace {

using testing::raw_listener;
using testing::raw_peer;

/// What a client showed and told.
struct recording {
  std::string shown;
  std::vector<note> notes;
  result<void> answer;  // what show() returns
  client_output output() {
    return {[this](std::string_view text) {
              shown += text;
              return answer;
            },
            [this](const note& n) { notes.push_back(n); }};
  }
  bool told(note_kind kind) const {
    return std::any_of(notes.begin(), notes.end(), [kind](const note& n) { return n.kind == kind; });
  }
};

client_options to(const raw_listener& peer) {
  client_options options;
  options.host = "127.0.0.1";
  options.port = peer.port();
  return options;
}

/// Runs the peer's script on a thread.
template <class Script>
std::thread scripted(raw_listener& listener, Script script) {
  return std::thread([&listener, script] {
    raw_peer p = listener.accept();
    script(p);
  });
}

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

/// What is written to `in` is what the user types.
struct typed_input {
  typed_input() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    out = base::unique_fd(ends[0]);
    in = base::unique_fd(ends[1]);
  }
  void type(std::string_view text) const { EXPECT_EQ(write(in.get(), text.data(), text.size()), std::ssize(text)); }
  base::unique_fd out, in;
};

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
