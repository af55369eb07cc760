// Text over TCP: the public API of `sampan listen` (talk::server) and `sampan talk` (talk::send_text, talk::converse).
// All text here is UTF-8; what goes over the wire is in the chosen encoding. Nothing is escaped: a peer's text may hold
// control characters.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sampan/error.h"

namespace sampan::talk {

using std::chrono::milliseconds;

inline constexpr std::uint16_t default_port = 7788;
inline constexpr std::string_view default_reply = "thank you !";
/// A message ends here at the latest; what follows is shown too, but answered no more.
inline constexpr std::size_t longest_message = 64 * 1024;
/// Bytes that are still read from a client after its message was answered.
inline constexpr std::size_t longest_drain = 1024 * 1024;
/// Bytes that may wait for one slow client of a conversation before it is dropped: the others must not pay for it.
inline constexpr std::size_t longest_backlog = 1024 * 1024;

struct server_options {
  std::vector<std::string> bind;      ///< IP literals; none: all IPv4 and IPv6 addresses
  std::uint16_t port = default_port;  ///< 0: any free one
  int backlog = 4096;                 ///< connections that wait for accept(2), per address
  std::string encoding = "gbk";       ///< a name of the list, see errc::unknown_encoding
  bool stay = false;  ///< conversation: clients stay until they leave; else each one is answered and let go
  bool once = false;  ///< ends after the first client; others are refused meanwhile
  /// What each message is answered with; empty: nothing. Not given: default_reply in reply mode, nothing in conversation.
  std::optional<std::string> reply;
  /// Conversation: what is read here goes to all clients, in whole characters; -1: none. Not closed. Its end changes nothing.
  int input_fd = -1;
  /// Reads the input only while a client is there, so that piped text is not lost before the first one comes. Else it is dropped
  /// with event_kind::nobody_here.
  bool hold_input = false;

  milliseconds quiet{50};             ///< without a byte: the message is complete
  milliseconds half_character{1000};  ///< instead of `quiet`, while the last character is not complete
  milliseconds longest{60'000};       ///< from a message's first byte to its end, for clients that drip
  milliseconds silence{60'000};       ///< reply mode: for a client that connected to send its first byte
  milliseconds send_stall{10'000};    ///< reply mode: without progress in sending the reply
  milliseconds drain{2'000};          ///< reply mode: from the end of the reply to closing, unless the client closes
  milliseconds flush{2'000};          ///< stop(): for what is queued to go out
  milliseconds stop_linger{500};      ///< stop(): for clients to close after they were told the end
};

enum class event_kind {
  connected,
  text,           ///< `text` came. Reply mode: the message, then what is drained; conversation: what one read gave
  no_data,        ///< closed without a byte
  left,           ///< closed; everything it sent was shown
  let_go,         ///< reply mode: did not close in time after the reply; we closed
  reset,          ///< cut the connection
  silent,         ///< connected and sent nothing in time; we closed
  too_slow,       ///< did not take what it was sent; we closed
  stopped,        ///< still here when the server was stopped; we closed
  not_sent,       ///< a typed line that does not exist in the encoding (`cause`); `text` is the line
  nobody_here,    ///< a typed line that no client was there for; `text` is the line
  accept_paused,  ///< descriptors or memory ran out (`cause`); said once
  accept_resumed,
};

struct event {
  event_kind kind;
  std::uint64_t client = 0;  ///< 1 for the first; not reused. 0: about no client
  std::string peer;          ///< `127.0.0.1:36850`
  std::string text;
  std::optional<error> cause;
};

struct server_totals {
  std::uint64_t clients = 0;
  std::uint64_t messages = 0;  ///< answered ones in reply mode, reads in conversation
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// A text server: one thread, any number of clients. A client never sees a reset, however much it sends within the limits
/// above: the write side is shut first, the rest read, then the socket closed.
/// Thread: one owner; events are called on the server's own thread, one at a time.
class server {
 public:
  /// Checks the options, binds and listens; nobody is accepted yet.
  /// @error errc::unknown_encoding, not_encodable (the reply), bad_address, port_in_use, system
  static result<server> create(server_options options, std::function<void(const event&)> on_event);
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;
  /// Ends at once, as stop_now(), and waits for the thread.
  ~server();

  /// The bound addresses with their real ports, `127.0.0.1:7788`.
  std::vector<std::string> addresses() const;
  /// Accepts. `ended` is called once, as the thread's last act: after stop(), stop_now() or, with `once`, the first client.
  void start(std::function<void()> ended);
  /// Stops accepting; what is queued for clients goes out, messages that have begun are answered. Any thread.
  void stop();
  /// Ends at once. Any thread.
  void stop_now();
  /// For after the end.
  server_totals totals() const;

 private:
  struct state;
  explicit server(std::unique_ptr<state> made) noexcept;
  std::unique_ptr<state> state_;
};

struct client_options {
  std::string host;  ///< IP literal or name
  std::uint16_t port = default_port;
  std::string encoding = "gbk";
  milliseconds wait{10'000};  ///< one-shot: for the reply's first byte; conversation: without a byte, after our end
  milliseconds connect_timeout{10'000};  ///< resolving and connecting
  milliseconds quiet{300};               ///< one-shot: without a byte: the reply is complete
  int interrupt_fd = -1;                 ///< readable when the user has had enough (a signalfd); never read from
};

/// How a client's connection ended, when nothing failed.
enum class ending {
  peer_closed,   ///< the peer finished; everything was shown
  no_reply,      ///< the peer finished without a byte (one-shot). No failure: our text was taken
  reply_quiet,   ///< one-shot: the reply was complete by quiet; we closed
  wait_over,     ///< conversation: our input had ended, and `wait` passed without a byte; we closed
  quit,          ///< `/quit` was typed
  left_at_once,  ///< `wait` is 0: nothing was waited for
};

enum class note_kind {
  connected,      ///< `text`: the peer's address
  peer_finished,  ///< the peer sends no more, but may still read; nothing more will be shown
  not_sent,       ///< a typed line that does not exist in the encoding (`cause`); the conversation goes on
};

struct note {
  note_kind kind;
  std::string text;
  std::optional<error> cause;
};

/// Where a client's results go.
struct client_output {
  /// The peer's text, read by read, always whole characters. An error ends the conversation and is returned.
  std::function<result<void>(std::string_view utf8)> show;
  std::function<void(const note&)> tell;  ///< may be empty
};

/// One-shot: sends the text, without terminator, leaves the write side open, shows the reply, closes.
/// @error before anything is sent: errc::empty_text, unknown_encoding, not_encodable, and all of net::connect_to;
///        errc::reply_timeout (detail: how long was waited, `10 s`); connection_reset (what came before it was shown);
///        interrupted; whatever `show` returned. Blocks. Thread: any.
result<ending> send_text(const client_options& options, std::string_view text, const client_output& output);

/// Conversation: what is read from `input_fd` goes to the peer as it is, line ends included; what comes is shown. At the input's end
/// the write side is shut. Ends when both sides have, or after `wait` without a byte once the input has ended; an input that goes on
/// after the peer has finished ends it only when `interactive` is false and `wait` passed without a byte.
/// @param interactive  a person types: `/quit` ends; a line that is not encodable is told and left out instead of ending it all.
/// @error as send_text, but for empty_text and reply_timeout; not_encodable also later, when not interactive;
///        errc::system: reading the input failed. Blocks. Thread: any.
result<ending> converse(const client_options& options, int input_fd, bool interactive, const client_output& output);

}  // namespace sampan::talk
