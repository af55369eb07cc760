// For the tests of this room: blocking peers on loopback, and a server that records what it tells.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "sampan/talk.h"

namespace sampan::talk::testing {

inline constexpr milliseconds patience{5000};  // what no step of a test takes unless something is broken

/// A plain blocking socket, as the course's programs use it.
class raw_peer {
 public:
  explicit raw_peer(int fd) : fd_(fd) {}
  static raw_peer to(std::uint16_t port) {
    raw_peer made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    made.connected_ = connect(made.fd_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
    return made;
  }

  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Everything until the peer's end; `…reset` or `…timeout` when it did not come to a clean one.
  std::string read_all() {
    return read_until([](const std::string&) { return false; });
  }
  /// At least `count` bytes, or what came before the end.
  std::string read(std::size_t count) {
    return read_until([count](const std::string& so_far) { return so_far.size() >= count; });
  }
  void end() { shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  void reset() {
    const linger at_once{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd_.reset();
  }

 private:
  template <class Enough>
  std::string read_until(Enough enough) {
    std::string all;
    std::vector<char> block(64 * 1024);
    while (!enough(all)) {
      pollfd one{fd_.get(), POLLIN, 0};
      if (poll(&one, 1, static_cast<int>(patience.count())) <= 0) return all + "…timeout";
      const ssize_t got = recv(fd_.get(), block.data(), block.size(), 0);
      if (got < 0) return all + "…reset";
      if (got == 0) return all;
      all.append(block.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  base::unique_fd fd_;
  bool connected_ = true;
};

/// A listening socket on a free port, for clients under test.
class raw_listener {
 public:
  raw_listener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof where;
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&where), length), 0);
    EXPECT_EQ(listen(fd_.get(), 16), 0);
    EXPECT_EQ(getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&where), &length), 0);
    port_ = ntohs(where.sin_port);
  }
  std::uint16_t port() const { return port_; }
  raw_peer accept() { return raw_peer(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  base::unique_fd fd_;
  std::uint16_t port_ = 0;
};

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

inline client_options to(const raw_listener& peer) {
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

/// What is written to `in` is what the user types.
struct typed_input {
  typed_input() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    out = base::unique_fd(ends[0]);
    in = base::unique_fd(ends[1]);
  }
  void type(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = write(in.get(), text.data(), text.size());
      ASSERT_GT(written, 0);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  base::unique_fd out, in;
};

/// A server under test on a free loopback port, with everything it told.
class recorded_server {
 public:
  explicit recorded_server(server_options options) {
    options.bind = {"127.0.0.1"};
    options.port = 0;
    made_.emplace_back(server::create(std::move(options), [this](const event& e) { record(e); }).value());
    const std::string where = made_[0].addresses().at(0);
    port_ = static_cast<std::uint16_t>(std::stoi(where.substr(where.rfind(':') + 1)));
    made_[0].start([this] {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    });
  }

  std::uint16_t port() const { return port_; }
  server& get() { return made_[0]; }

  /// All text that a client sent, 0: that anybody sent.
  std::string text(std::uint64_t client = 0) {
    const std::lock_guard lock(mutex_);
    return joined(client);
  }
  void wait_for_text(std::string_view wanted, std::uint64_t client = 0) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return joined(client) == wanted; })) << joined(client);
  }
  /// Waits until this was told `count` times.
  void wait_for(event_kind kind, std::ptrdiff_t count = 1) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return told(kind) >= count; })) << static_cast<int>(kind);
  }
  std::ptrdiff_t count(event_kind kind) {
    const std::lock_guard lock(mutex_);
    return told(kind);
  }
  std::vector<event> events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  bool wait_until_ended() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return ended_; });
  }

 private:
  void record(const event& e) {
    const std::lock_guard lock(mutex_);
    events_.push_back(e);
    changed_.notify_all();
  }
  std::string joined(std::uint64_t client) const {
    std::string all;
    for (const event& e : events_) {
      if (e.kind == event_kind::text && (client == 0 || e.client == client)) all += e.text;
    }
    return all;
  }
  std::ptrdiff_t told(event_kind kind) const {
    return std::count_if(events_.begin(), events_.end(), [kind](const event& e) { return e.kind == kind; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<event> events_;
  bool ended_ = false;
  std::uint16_t port_ = 0;
  std::vector<server> made_;  // last: its thread records into what is above
};

}  // namespace sampan::talk::testing
