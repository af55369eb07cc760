// One client of the text server: what it sent, what it gets, and how it leaves.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/loop.h"
#include "net/tcp_stream.h"
#include "sampan/talk.h"
#include "text/decoder.h"

namespace sampan::talk {

class session;

/// What all clients of a server share; outlives them. Thread: the loop's.
struct session_home {
  session_home(server_options given, std::string encoded_reply, std::function<void(const event&)> told);
  virtual ~session_home() = default;
  session_home(const session_home&) = delete;
  session_home& operator=(const session_home&) = delete;

  void tell(const event& what) { on_event(what); }
  /// The client is gone and its socket closed. It is destroyed later: it may still be running.
  virtual void finished(session& client) = 0;
  /// The client has less queued than before.
  virtual void has_room() = 0;

  const server_options options;
  const std::string reply;  ///< encoded
  std::function<void(const event&)> on_event;
  server_totals totals;
  bool stopping = false;
  net::loop loop;
  net::deadline_list quiet;
  net::deadline_list half_character;
  net::deadline_list silence;
  net::deadline_list send_stall;
  net::deadline_list drain;
  net::deadline_list flush;
  net::deadline_list stop_linger;
  std::array<char, 16 * 1024> scratch;  ///< what one read fills
};

/// Thread: the loop's. Destroyed only by its server, never inside one of its own calls.
class session final : public net::handler {
 public:
  session(session_home& home, std::uint64_t number, net::tcp_stream stream, const net::address& peer,
          text::decoder decoder);
  ~session() override;

  void begin();
  /// Conversation: queues bytes for the client; drops it when too many wait.
  void send(std::string_view bytes);
  /// The server stops: answers a message that has begun, lets the queue go out, says the end, closes soon.
  void stop();
  /// Closes now.
  void abort();

  std::uint64_t number() const noexcept { return number_; }
  std::size_t queued() const noexcept { return queue_.size() - sent_; }
  bool takes_text() const noexcept { return state_ == state::talking; }

 private:
  /// waiting → taking → leaving (reply mode), or talking → leaving; then over.
  enum class state : unsigned char {
    waiting,  ///< for the first byte
    taking,   ///< a message
    talking,  ///< conversation
    leaving,  ///< the queue, then the end goes out; what comes is shown
    over,
  };

  void on_ready(std::uint32_t events) override;
  void on_deadline() override;

  void read_more();
  std::size_t read_limit() const noexcept;
  void took(std::string_view bytes);
  void took_end();
  void wait_for_quiet();
  void answer();
  void leave(event_kind how);
  void flush();
  void say_the_end();
  void broke_off();
  void show_message();
  void tell(event_kind kind);
  void finish(event_kind how);

  session_home& home_;
  const std::uint64_t number_;
  net::tcp_stream stream_;
  const net::address peer_;
  text::decoder decoder_;
  state state_ = state::waiting;
  event_kind ending_ = event_kind::left;  // what finish() will say when all goes well
  bool told_end_ = false;                 // our write side is shut
  bool peer_ended_ = false;
  bool unanswered_ = false;  // conversation with a reply: something came since the last one
  std::uint64_t received_ = 0;
  std::size_t drained_ = 0;
  std::string message_;  // decoded and not shown yet
  std::size_t message_bytes_ = 0;
  net::clock::time_point began_{};
  std::string queue_;
  std::size_t sent_ = 0;  // of queue_
};

}  // namespace sampan::talk
