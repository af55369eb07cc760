// talk::converse: both sides talk until one leaves.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "sampan/talk.h"
#include "talk/automaton.h"
#include "talk/command.h"
#include "talk/link.h"
#include "talk/voice.h"
#include "text/hex_dump.h"

namespace sampan::talk {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t piece_bytes = 16 * 1024;  // four times what a terminal line can hold

class conversation {
 public:
  conversation(const client_options& options, voice& tongue, link& peer, int input_fd, bool interactive,
               const client_output& output)
      : options_(options),
        tongue_(tongue),
        peer_(peer),
        input_fd_(input_fd),
        interactive_(interactive),
        output_(output),
        automaton_(options, tongue, peer.peer(), clock::now()) {}

  bool input_over() const noexcept { return input_over_; }

  result<ending> run() {
    heard_from_anyone();
    while (!over_) {
      switch (wait()) {
        case net::waited::interrupted: fail(error::make(errc::interrupted, "receive from", peer_.peer())); break;
        case net::waited::timeout: break;
        case net::waited::ready: turn(); break;
      }
      if (!over_) keep_time();
    }
    if (failed_) return *failed_;
    if (refused_) return *refused_;  // also when what came before it never got through
    return how_;
  }

 private:
  // Input is left alone while bytes for the peer wait: then it is read at the peer's pace.
  net::waited wait() {
    const bool sending = peer_.has_queued();
    polled_[0] = {peer_over_ && !sending ? -1 : peer_.fd(), 0, 0};
    if (!peer_over_) polled_[0].events = POLLIN;
    if (sending) polled_[0].events = static_cast<short>(polled_[0].events | POLLOUT);
    polled_[1] = {input_over_ || sending ? -1 : input_fd_, POLLIN, 0};
    // A replay that is due waits for the peer to take what was sent before.
    const auto by_itself = sending && automaton_.replaying() ? clock::time_point::max() : automaton_.due();
    const auto until = std::min({silence_ends(), idle_ends(), by_itself, record_ends_});
    return net::wait_for_any(polled_.data(), polled_.size(), {until, options_.interrupt_fd});
  }

  clock::time_point silence_ends() const {
    const bool counts = input_over_ || (peer_over_ && !interactive_);
    return counts && !options_.stay ? last_byte_ + options_.wait : clock::time_point::max();
  }

  clock::time_point idle_ends() const {
    return options_.idle.count() > 0 ? last_byte_ + options_.idle : clock::time_point::max();
  }

  void turn() {
    if (polled_[0].revents != 0 && !peer_over_) listen();
    if (!over_ && polled_[1].revents != 0) read_input();
    if (!over_) send();
  }

  void keep_time() {
    const auto now = clock::now();
    if (record_ends_ <= now) {
      record_ends_ = clock::time_point::max();
      peer_.finish_record();
    }
    if (automaton_.due() <= now) say_by_itself(now);
    if (!over_ && idle_ends() <= now) {
      return fail(error::make(errc::stalled, "receive from", peer_.peer(), words_for(options_.idle)));
    }
    if (!over_ && silence_ends() <= now) end(peer_over_ ? ending::peer_closed : ending::wait_over);
  }

  void say_by_itself(clock::time_point now) {
    const std::uint64_t skipped = automaton_.skipped();
    const bool was_replaying = automaton_.replaying();
    peer_.queue(automaton_.take(now, !peer_.has_queued()));
    if (automaton_.dropped_untold()) tell(note_kind::replies_dropped);
    if (skipped == 0 && automaton_.skipped() != 0) tell(note_kind::periodic_skipped);
    if (skipped != 0 && automaton_.skipped() == 0 && output_.tell) {
      output_.tell({note_kind::periodic_resumed, {}, {}, skipped});
    }
    if (was_replaying && !automaton_.replaying()) input_over_ = true;
    send();
  }

  void listen() {
    std::string text;
    std::string_view raw;
    const got what = peer_.receive(text, raw);
    heard_from_anyone();
    if (!hinted_ && tongue_.mistakes_utf8(raw)) {
      hinted_ = true;
      tell(note_kind::looks_like_utf8);
    }
    if (peer_.waits_for_gap()) record_ends_ = clock::now() + options_.frames.gap;
    automaton_.heard(text, peer_.half_character(), clock::now());
    show(text);
    if (over_) return;
    if (what == got::reset) return fail(reset_by(peer_));
    if (what != got::end) return;
    peer_over_ = true;
    automaton_.heard_the_end(clock::now());
    if (has_said_all() || options_.reconnect) return end(ending::peer_closed);
    tell(note_kind::peer_finished);
  }

  void show(const std::string& text) {
    if (text.empty()) return;
    if (auto shown = output_.show(text); !shown) fail(shown.error());
  }

  void read_input() {
    std::array<char, piece_bytes> piece;
    const ssize_t got = ::read(input_fd_, piece.data(), piece.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got < 0 && errno != EIO) return fail(error::system(errno, "read", "the input"));  // EIO: the terminal has gone
    heard_from_anyone();
    if (got <= 0) return input_ended();
    std::string_view text(piece.data(), static_cast<std::size_t>(got));
    if (!interactive_) return queue_lines(text);
    while (!text.empty() && !over_) {
      const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
      text.remove_prefix(line.size());
      obey(read_command(line));
    }
  }

  void obey(const typed_command& typed) {
    if (typed.client != 0) return tell(note_kind::wrong_command, "@" + std::to_string(typed.client));
    switch (typed.kind) {
      case command_kind::text: return queue_lines(typed.text);
      case command_kind::hex: return queue_hex(typed.text);
      case command_kind::quit: return end(ending::quit);
      case command_kind::encoding: return use_encoding(typed.text);
      case command_kind::escapes: return tongue_.typed.set_escapes(typed.text == "on");
      case command_kind::other: return tell(note_kind::other_command, typed.text);
      case command_kind::who: return tell(note_kind::wrong_command, "/who");
      case command_kind::kick:
      case command_kind::wrong: return tell(note_kind::wrong_command, typed.text);
    }
  }

  void use_encoding(const std::string& name) {
    auto tongue = voice::open(options_, name);
    if (!tongue) return tell(note_kind::not_sent, name, tongue.error());
    std::string rest;
    peer_.use(tongue->decoder, rest);
    show(rest);
    tongue_ = std::move(*tongue);
    tell(note_kind::encoding_set, name);
  }

  void queue_hex(const std::string& digits) {
    const auto bytes = text::typed_hex(digits);
    if (!bytes) return tell(note_kind::wrong_command, "/hex " + digits);
    std::string sealed;
    tongue_.typed.compose_raw(*bytes, sealed);
    peer_.queue(sealed);
  }

  // Line by line: one that cannot be encoded does not take those before it along.
  void queue_lines(std::string_view text) {
    std::string bytes;
    while (!text.empty() && !refused_) {
      if (auto done = tongue_.typed.compose(text, bytes); !done) refuse(tongue_.typed.line(), done.error());
    }
    peer_.queue(bytes);
  }

  // A person can say it in other words; of a file nothing must go out after a gap.
  void refuse(const std::string& line, const error& why) {
    if (interactive_) return tell(note_kind::not_sent, line, why);
    refused_ = why;
    input_over_ = true;
  }

  void input_ended() {
    input_over_ = true;
    std::string bytes;
    if (auto whole = tongue_.typed.finish(bytes); !whole) refuse(tongue_.typed.line(), whole.error());
    peer_.queue(bytes);
  }

  void send() {
    if (peer_.has_queued() && peer_.flush()) heard_from_anyone();
    if (peer_.broken()) {
      // What the peer said before it cut the connection is still to be read; then listen() meets the reset.
      if (peer_over_) fail(reset_by(peer_));
      return;
    }
    if (peer_.has_queued()) return;
    if (input_over_ && !told_end_ && (refused_ || !speaks_by_itself())) {
      told_end_ = true;
      peer_.finish_sending();
      if (refused_) return fail(*refused_);
      if (!peer_over_ && options_.wait.count() == 0) return end(ending::left_at_once);
    }
    if (peer_over_ && has_said_all()) end(ending::peer_closed);
  }

  /// Then the end of the input is not the end of what is sent.
  bool speaks_by_itself() const { return options_.every.count() > 0 || !tongue_.rules.empty(); }
  bool has_said_all() const {
    const bool no_input = input_over_ || (input_fd_ < 0 && !automaton_.replaying());
    return no_input && !peer_.has_queued() && !automaton_.answering();
  }

  void heard_from_anyone() { last_byte_ = clock::now(); }
  void tell(note_kind kind, std::string text = {}, std::optional<error> cause = {}) const {
    if (output_.tell) output_.tell({kind, std::move(text), std::move(cause)});
  }
  void fail(const error& why) {
    failed_ = why;
    over_ = true;
  }
  void end(ending how) {
    how_ = how;
    over_ = true;
  }

  const client_options& options_;
  voice& tongue_;
  link& peer_;
  const int input_fd_;
  const bool interactive_;
  const client_output& output_;
  automaton automaton_;
  std::array<pollfd, 2> polled_{};  // the peer, the input
  clock::time_point last_byte_;
  clock::time_point record_ends_ = clock::time_point::max();
  bool peer_over_ = false;
  bool input_over_ = false;
  bool told_end_ = false;
  bool hinted_ = false;  // looks_like_utf8 was told
  bool over_ = false;
  ending how_ = ending::peer_closed;
  std::optional<error> refused_;  // what ended the input, to be told when all before it has gone out
  std::optional<error> failed_;
};

// Whether it may be otherwise in a while.
bool is_worth_a_try(const error& why) {
  return why.code() == errc::system || why.code() == errc::resolve_failed || why.code() == errc::connect_timeout ||
         why.code() == errc::connection_reset || why.code() == errc::stalled;
}

/// The pauses between connections: 1, 2, 4 … 32 s, and from the beginning when one came about.
class pauses {
 public:
  pauses(const client_options& options, const client_output& output) : options_(options), output_(output) {}
  void start_over() noexcept { next_ = first; }
  /// @error errc::interrupted
  result<void> wait(std::optional<error> why) {
    if (output_.tell)
      output_.tell({note_kind::reconnecting, {}, std::move(why), static_cast<std::uint64_t>(next_.count())});
    const auto limits =
        net::patience::lasting(std::exchange(next_, std::min(2 * next_, longest)), options_.interrupt_fd);
    if (net::wait_for(-1, 0, limits) == net::waited::interrupted)
      return error::make(errc::interrupted, "connect to", options_.host);
    return {};
  }

 private:
  static constexpr milliseconds first{1000};
  static constexpr milliseconds longest{32'000};
  const client_options& options_;
  const client_output& output_;
  milliseconds next_ = first;
};

}  // namespace

result<ending> converse(const client_options& options, int input_fd, bool interactive, const client_output& output) {
  auto tongue = voice::open(options, options.encoding);
  if (!tongue) return tongue.error();
  pauses between(options, output);
  for (;;) {
    std::optional<error> why;
    if (auto peer = link::open(options, tongue->decoder, output.on_record)) {
      between.start_over();
      if (output.tell) output.tell({note_kind::connected, peer->peer(), {}});
      conversation one(options, *tongue, *peer, input_fd, interactive, output);
      auto how = one.run();
      peer->leave();
      const bool ended_by_peer = how ? *how == ending::peer_closed : is_worth_a_try(how.error());
      if (!options.reconnect || one.input_over() || !ended_by_peer) return how;
      if (!how) why = how.error();
    } else {
      why = peer.error();
      if (!options.reconnect || !is_worth_a_try(*why)) return *why;
    }
    if (auto waited = between.wait(why); !waited) return waited.error();
  }
}

}  // namespace sampan::talk
