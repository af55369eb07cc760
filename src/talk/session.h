// One client of the text server: what it sent, what it gets, and how it leaves.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/datagram.h"
#include "net/loop.h"
#include "net/tcp_stream.h"
#include "sampan/talk.h"
#include "talk/recorder.h"
#include "talk/voice.h"
#include "text/decoder.h"

namespace sampan::talk {

class session;

/// What all clients of a server share; outlives them. Thread: the loop's.
struct session_home {
  session_home(server_options given, voice spoken, std::function<void(const event&)> told);
  virtual ~session_home() = default;
  session_home(const session_home&) = delete;
  session_home& operator=(const session_home&) = delete;

  void tell(const event& what) { on_event(what); }
  /// The client is gone and its socket closed. It is destroyed later: it may still be running.
  virtual void finished(session& client) = 0;
  /// The client has less queued than before.
  virtual void has_room() = 0;
  /// The client said this, which is for the others, too.
  virtual void relay(const session& from, std::string_view bytes, std::string_view utf8) = 0;

  server_options options;  ///< only the encoding changes
  voice tongue;            ///< of all clients that were given no other
  std::function<void(const event&)> on_event;
  server_totals totals;
  bool stopping = false;
  net::loop loop;
  net::deadline_list quiet;
  net::deadline_list half_character;
  net::deadline_list silence;
  net::deadline_list reply_delay;
  net::deadline_list gap;
  net::deadline_list idle;
  net::deadline_list send_stall;
  net::deadline_list drain;
  net::deadline_list flush;
  net::deadline_list stop_linger;
  std::array<char, 16 * 1024> scratch;  ///< what one read fills
};

/// One more deadline for somebody who has one. Thread: the loop's.
class alarm final : public net::handler {
 public:
  explicit alarm(std::function<void()> rings) : rings_(std::move(rings)) {}
  void on_ready(std::uint32_t) override {}
  void on_deadline() override { rings_(); }

 private:
  const std::function<void()> rings_;
};

/// Thread: the loop's. Destroyed only by its server, never inside one of its own calls.
class session final : public net::handler {
 public:
  session(session_home& home, std::uint64_t number, net::tcp_stream stream, std::string peer);
  /// A client over UDP, which begins with its first datagram. @param door  lives longer
  session(session_home& home, std::uint64_t number, net::datagram_door& door, const net::address& peer);
  ~session() override;

  void begin();
  void on_ready(std::uint32_t events) override;
  void take_datagram(std::string_view bytes);
  bool is_at(const net::datagram_door& door, const net::address& peer) const;
  /// Conversation: queues bytes for the client; drops it when too many wait.
  void send(std::string_view bytes);
  /// Likewise, in the client's encoding. @error errc::not_encodable, bad_value (an escape): the first line's; the others are sent
  result<void> send_typed(std::string_view utf8);
  /// Bytes with the check value of the client's messages.
  void send_sealed(std::string_view bytes);
  /// Unless the client has not taken what was sent before.
  void send_periodic(std::uint64_t count);
  /// Another encoding, from the next byte on. @error as voice::open
  result<void> use_encoding(std::string_view name);
  /// The server's own encoding, which may have changed.
  void use_encoding_of_server();
  /// What is queued goes out, then the client is let go.
  void kick();
  /// The server stops: answers a message that has begun, lets the queue go out, says the end, closes soon.
  void stop();
  /// Closes now.
  void abort();

  std::uint64_t number() const noexcept { return number_; }
  std::size_t queued() const noexcept { return queue_.size() - sent_; }
  bool takes_text() const noexcept { return state_ == state::talking; }
  const std::string& peer() const noexcept { return peer_; }
  const std::string& encoding() const noexcept { return own_tongue_ ? own_encoding_ : home_.options.encoding; }
  /// The same object for all clients of the server's own encoding.
  const voice& tongue() const noexcept { return own_tongue_ ? *own_tongue_ : home_.tongue; }

 private:
  session(session_home& home, std::uint64_t number, net::tcp_stream stream, std::string peer, net::datagram_door* door,
          const net::address& where);

  /// waiting → taking → answering → leaving (reply mode), or talking → leaving; then over.
  enum class state : unsigned char {
    waiting,    ///< for the first byte
    taking,     ///< a message
    answering,  ///< the message is complete, its reply delayed
    talking,    ///< conversation
    leaving,    ///< the queue, then the end goes out; what comes is shown
    over,
  };

  void on_deadline() override;

  void read_more();
  std::size_t read_limit() const noexcept;
  void took(std::string_view bytes);
  void took_end();
  void wait_for_quiet();
  void not_idle();
  void answer();
  void reply_now();
  void leave(event_kind how);
  void flush();
  net::moved send_some();
  void say_the_end();
  void broke_off();
  void show_message();
  void use(const voice& spoken);
  void tell(event_kind kind, std::uint64_t count = 0);
  void finish(event_kind how);

  session_home& home_;
  const std::uint64_t number_;
  net::tcp_stream stream_;
  net::datagram_door* const door_ = nullptr;  // instead of the stream
  const net::address address_;                // of a client over UDP
  const std::string peer_;
  text::decoder decoder_;
  std::string own_encoding_;
  std::unique_ptr<voice> own_tongue_;
  std::unique_ptr<recorder> recorder_;  // where traffic is recorded
  replier replier_;
  alarm later_{[this] { reply_now(); }};
  alarm gap_{[this] { recorder_->finish(); }};
  alarm idle_{[this] { leave(event_kind::silent); }};
  state state_ = state::waiting;
  event_kind ending_ = event_kind::left;  // what finish() will say when all goes well
  bool told_end_ = false;                 // our write side is shut
  bool peer_ended_ = false;
  bool hinted_ = false;        // looks_like_utf8 was told
  std::string unanswered_;     // conversation with replies: the text that came since the last one
  std::string reply_;          // not due yet
  std::uint64_t skipped_ = 0;  // periodic texts in a row
  std::uint64_t received_ = 0;
  std::size_t drained_ = 0;
  std::string message_;  // decoded and not shown yet
  std::size_t message_bytes_ = 0;
  net::clock::time_point began_{};
  std::string queue_;
  std::size_t sent_ = 0;  // of queue_
};

}  // namespace sampan::talk
