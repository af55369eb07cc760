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
#include "sampan/talk_forms.h"

namespace sampan::talk {

inline constexpr std::uint16_t default_port = 7788;
inline constexpr std::string_view default_reply = "thank you !";
/// A message ends here at the latest; what follows is shown too, but answered no more.
inline constexpr std::size_t longest_message = 64 * 1024;
/// Bytes that are still read from a client after its message was answered.
inline constexpr std::size_t longest_drain = 1024 * 1024;
/// Bytes that may wait for one slow client of a conversation before it is dropped: the others must not pay for it.
inline constexpr std::size_t longest_backlog = 1024 * 1024;

enum class ip_family { any, v4, v6 };

struct server_options : dialogue_form {
  std::vector<std::string> bind;      ///< IP literals; none: all IPv4 and IPv6 addresses
  std::uint16_t port = default_port;  ///< 0: any free one
  int backlog = 4096;                 ///< connections that wait for accept(2), per address
  bool stay = false;  ///< conversation: clients stay until they leave; else each one is answered and let go
  bool once = false;  ///< ends after the first client; others are refused meanwhile
  bool datagram =
      false;  ///< UDP: a client is an address; in reply mode each datagram is a message, in conversation `idle` (60 s) ends a client
  std::string unix_path;            ///< listens on this socket instead of IP addresses; removed at the end
  ip_family only = ip_family::any;  ///< without `bind`: all addresses of this family
  std::vector<std::string>
      allow;  ///< networks (`10.0.0.0/8`), addresses or host names, any number in a text; none: everybody
  std::vector<std::string> deny;  ///< likewise; counts before `allow`
  std::size_t max_clients = 0;    ///< at once; 0: as many as there are descriptors. More are closed at once
  bool broker = false;            ///< conversation: what a client says goes to all others, too
  /// Conversation: what is read here goes to all clients, in whole characters; -1: none. Not closed. Its end changes nothing.
  int input_fd = -1;
  /// A person types: lines that begin with `/` are commands, `@2 ` says for which client a line is. `/quit` is as stop().
  bool commands = false;
  /// Reads the input only while a client is there, so that piped text is not lost before the first one comes. Else it is dropped
  /// with event_kind::nobody_here.
  bool hold_input = false;

  milliseconds quiet{50};             ///< without a byte: the message is complete
  milliseconds half_character{1000};  ///< instead of `quiet`, while the last character is not complete
  milliseconds longest{60'000};       ///< from a message's first byte to its end, for clients that drip
  milliseconds silence{60'000};       ///< reply mode: for a client that connected to send its first byte
  milliseconds send_stall{10'000};    ///< reply mode: without progress in sending the reply
  milliseconds idle{0};               ///< conversation: without a byte in either direction; 0: for ever
  milliseconds drain{2'000};          ///< reply mode: from the end of the reply to closing, unless the client closes
  milliseconds flush{2'000};          ///< stop(): for what is queued to go out
  milliseconds stop_linger{500};      ///< stop(): for clients to close after they were told the end

  std::function<void(const record&)> on_record;  ///< all traffic; called as events are. May be empty
};

enum class event_kind {
  connected,
  text,         ///< `text` came. Reply mode: the message, then what is drained; conversation: what one read gave
  no_data,      ///< closed without a byte
  left,         ///< closed; everything it sent was shown
  let_go,       ///< reply mode: did not close in time after the reply; we closed
  reset,        ///< cut the connection
  silent,       ///< sent nothing in time; we closed
  too_slow,     ///< did not take what it was sent; we closed
  stopped,      ///< still here when the server was stopped; we closed
  not_sent,     ///< a typed line that does not exist in the encoding, or holds no escapes (`cause`); `text` is the line
  nobody_here,  ///< a typed line that no client was there for; `text` is the line
  accept_paused,  ///< descriptors or memory ran out (`cause`); said once
  accept_resumed,
  turned_away,       ///< one client too many, or one that may not come; closed at once
  kicked,            ///< `/kick`; we closed
  looks_like_utf8,   ///< what came is rather UTF-8 than the client's encoding; said once. Nothing is switched
  replies_dropped,   ///< more automatic replies than reply_limit: a loop?
  periodic_skipped,  ///< has not taken the last periodic text; said once until it has
  periodic_resumed,  ///< `count`: how many were skipped
  // Answers to what was typed:
  listed,          ///< `/who`: one of the clients, `text` is its encoding; `client` 0: that were all, `count` of them
  sent_to,         ///< `@all`: `count` clients were sent the line
  no_such_client,  ///< `text` is the line
  encoding_set,    ///< `text` is its name
  other_command,   ///< `text`: a command the library does not know
  wrong_command,   ///< `text`: one with arguments that make no sense
};

struct event {
  event_kind kind;
  std::uint64_t client = 0;  ///< 1 for the first; not reused. 0: about no client
  std::string peer;          ///< `127.0.0.1:36850`
  std::string text;
  std::optional<error> cause;
  std::uint64_t count = 0;
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
  /// Waits for the thread, which has nothing more to do once `ended` was called. The owner's thread.
  void join();
  /// For after join().
  server_totals totals() const;

 private:
  struct state;
  explicit server(std::unique_ptr<state> made) noexcept;
  std::unique_ptr<state> state_;
};

/// One of the messages that are sent again.
struct replay_step {
  milliseconds pause;  ///< before it
  std::string bytes;
};

struct client_options : dialogue_form {
  std::string host;  ///< IP literal or name
  std::uint16_t port = default_port;
  bool datagram = false;  ///< UDP: what is sent at once is one datagram; there is no end but by `wait`
  std::string unix_path;  ///< connects to this socket instead of host and port
  ip_family only = ip_family::any;
  bool numeric = false;           ///< `host` must be an IP literal: no resolver is asked
  std::string source;             ///< IP literal to connect from; empty: the kernel's choice
  std::uint16_t source_port = 0;  ///< 0: the kernel's choice
  milliseconds wait{10'000};      ///< one-shot: for the reply's first byte; conversation: without a byte, after our end
  milliseconds connect_timeout{10'000};  ///< resolving and connecting
  milliseconds quiet{300};               ///< one-shot: without a byte: the reply is complete
  milliseconds idle{0};                  ///< conversation: without a byte in either direction; 0: for ever
  bool stay = false;                     ///< conversation: `wait` is for ever
  bool reconnect = false;                ///< conversation: connects again, until the input or the user ends it
  milliseconds message_quiet{50};        ///< conversation: without a byte: a message is complete, for automatic replies
  std::vector<replay_step> replay;       ///< conversation: sent one after the other; the last is the end of the input
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
  not_sent,  ///< a typed line that does not exist in the encoding, or holds no escapes (`cause`); the conversation goes on
  encoding_set,      ///< `text` is its name
  other_command,     ///< `text`: a command the library does not know
  wrong_command,     ///< `text`: one with arguments that make no sense, or for a server
  looks_like_utf8,   ///< what came is rather UTF-8 than the encoding; said once. Nothing is switched
  replies_dropped,   ///< more automatic replies than reply_limit: a loop?
  periodic_skipped,  ///< the peer has not taken the last periodic text; said once until it has
  periodic_resumed,  ///< `count`: how many were skipped
  reconnecting,      ///< after `count` ms, since the connection ended, or did not come about (`cause`)
};

struct note {
  note_kind kind;
  std::string text;
  std::optional<error> cause;
  std::uint64_t count = 0;
};

/// Where a client's results go.
struct client_output {
  /// The peer's text, read by read, always whole characters. An error ends the conversation and is returned.
  std::function<result<void>(std::string_view utf8)> show;
  std::function<void(const note&)> tell;              ///< may be empty
  std::function<void(const record&)> on_record = {};  ///< all traffic; may be empty
};

/// One-shot: sends the text, without terminator, leaves the write side open, shows the reply, closes.
/// @error before anything is sent: errc::empty_text, unknown_encoding, not_encodable, and all of net::connect_to;
///        errc::reply_timeout (detail: how long was waited, `10 s`); connection_reset (what came before it was shown);
///        interrupted; whatever `show` returned. Blocks. Thread: any.
result<ending> send_text(const client_options& options, std::string_view text, const client_output& output);

/// Whether somebody listens: connects and closes, without a byte. Returns the peer's address. Over UDP a NUL byte is sent, and what is not
/// refused within a second counts as listening. @error as net::connect_to; refused UDP as errc::system, ECONNREFUSED. Blocks. Thread: any.
result<std::string> check_port(const client_options& options);

/// Conversation: what is read from `input_fd` goes to the peer as it is, line ends included; what comes is shown. At the input's end
/// the write side is shut. `input_fd` -1: there is no input, only what is said by itself. Ends when both sides have, or after `wait` without a byte once the input has ended; an input that goes on
/// after the peer has finished ends it only when `interactive` is false and `wait` passed without a byte.
/// @param interactive  a person types: `/quit` ends, other lines with `/` are commands, too; a line that is not encodable is told and
///                     left out instead of ending it all.
/// With `reconnect`, a peer that closes or cuts the connection, or is not reached, is connected to again after 1, 2, 4 … 32 s.
/// @error as send_text, but for empty_text and reply_timeout; errc::stalled (`idle`); not_encodable also later, when not interactive;
///        errc::system: reading the input failed. Blocks. Thread: any.
result<ending> converse(const client_options& options, int input_fd, bool interactive, const client_output& output);

}  // namespace sampan::talk
