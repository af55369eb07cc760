// talk::converse: both sides talk until one leaves.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "sampan/talk.h"
#include "talk/link.h"

namespace sampan::talk {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t piece_bytes = 16 * 1024;  // four times what a terminal line can hold

class conversation {
 public:
  conversation(const client_options& options, link& peer, int input_fd, bool interactive, const client_output& output)
      : options_(options), peer_(peer), input_fd_(input_fd), interactive_(interactive), output_(output) {}

  result<ending> run() {
    heard_from_anyone();
    while (!over_) {
      switch (wait()) {
        case net::waited::interrupted: fail(error::make(errc::interrupted, "receive from", peer_.peer())); break;
        case net::waited::timeout: end(peer_over_ ? ending::peer_closed : ending::wait_over); break;
        case net::waited::ready: turn(); break;
      }
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
    const bool waiting_for_silence = input_over_ || (peer_over_ && !interactive_);
    return net::wait_for_any(polled_.data(), polled_.size(),
                             {waiting_for_silence ? until_ : clock::time_point::max(), options_.interrupt_fd});
  }

  void turn() {
    if (polled_[0].revents != 0 && !peer_over_) listen();
    if (!over_ && polled_[1].revents != 0) read_input();
    if (!over_) send();
  }

  void listen() {
    std::string text;
    const got what = peer_.receive(text);
    heard_from_anyone();
    if (!text.empty()) {
      if (auto shown = output_.show(text); !shown) return fail(shown.error());
    }
    if (what == got::reset) return fail(reset_by(peer_));
    if (what != got::end) return;
    peer_over_ = true;
    if (input_over_ && !peer_.has_queued()) return end(ending::peer_closed);
    tell({note_kind::peer_finished, {}, {}});
  }

  void read_input() {
    std::array<char, piece_bytes> piece;
    const ssize_t got = ::read(input_fd_, piece.data(), piece.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got < 0 && errno != EIO) return fail(error::system(errno, "read", "the input"));  // EIO: the terminal has gone
    heard_from_anyone();
    if (got <= 0) return input_ended();
    const std::string_view text(piece.data(), static_cast<std::size_t>(got));
    if (interactive_ && (text == "/quit\n" || text == "/quit")) return end(ending::quit);
    queue_lines(text);
  }

  // Line by line: one that cannot be encoded does not take those before it along.
  void queue_lines(std::string_view text) {
    while (!text.empty() && !refused_) {
      const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
      text.remove_prefix(line.size());
      std::string bytes;
      if (auto done = peer_.encoder().encode(line, bytes); !done) {
        refuse(line, done.error());
      } else {
        peer_.queue(bytes);
      }
    }
  }

  // A person can say it in other words; of a file nothing must go out after a gap.
  void refuse(std::string_view line, const error& why) {
    if (interactive_) return tell({note_kind::not_sent, std::string(line), why});
    refused_ = why;
    input_over_ = true;
  }

  void input_ended() {
    input_over_ = true;
    if (auto whole = peer_.encoder().finish(); !whole) refuse({}, whole.error());
  }

  void send() {
    if (peer_.has_queued() && peer_.flush()) heard_from_anyone();
    if (peer_.broken()) {
      // What the peer said before it cut the connection is still to be read; then listen() meets the reset.
      if (peer_over_) fail(reset_by(peer_));
      return;
    }
    if (!input_over_ || peer_.has_queued() || told_end_) return;
    told_end_ = true;
    peer_.finish_sending();
    if (refused_) return fail(*refused_);
    if (peer_over_) {
      end(ending::peer_closed);
    } else if (options_.wait.count() == 0) {
      end(ending::left_at_once);
    }
  }

  void heard_from_anyone() { until_ = clock::now() + options_.wait; }
  void tell(const note& what) const {
    if (output_.tell) output_.tell(what);
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
  link& peer_;
  const int input_fd_;
  const bool interactive_;
  const client_output& output_;
  std::array<pollfd, 2> polled_{};  // the peer, the input
  clock::time_point until_;
  bool peer_over_ = false;
  bool input_over_ = false;
  bool told_end_ = false;
  bool over_ = false;
  ending how_ = ending::peer_closed;
  std::optional<error> refused_;  // what ended the input, to be told when all before it has gone out
  std::optional<error> failed_;
};

}  // namespace

result<ending> converse(const client_options& options, int input_fd, bool interactive, const client_output& output) {
  auto peer = link::open(options);
  if (!peer) return peer.error();
  if (output.tell) output.tell({note_kind::connected, peer->peer(), {}});
  auto how = conversation(options, *peer, input_fd, interactive, output).run();
  peer->leave();
  return how;
}

}  // namespace sampan::talk
