#include "talk/session.h"

#include <algorithm>

namespace sampan::talk {

namespace {
// Reads of one client before the others have their turn: 256 KiB, about a tenth of a millisecond of decoding.
constexpr int reads_per_turn = 16;
// Sent bytes at the front of a queue are cut off when they are this many: less often would cost memory, more often time.
constexpr std::size_t worth_cutting = 64 * 1024;
}  // namespace

session_home::session_home(server_options given, std::string encoded_reply, std::function<void(const event&)> told)
    : options(std::move(given)),
      reply(std::move(encoded_reply)),
      on_event(std::move(told)),
      quiet(loop, options.quiet),
      half_character(loop, options.half_character),
      silence(loop, options.silence),
      send_stall(loop, options.send_stall),
      drain(loop, options.drain),
      flush(loop, options.flush),
      stop_linger(loop, options.stop_linger) {}

session::session(session_home& home, std::uint64_t number, net::tcp_stream stream, const net::address& peer,
                 text::decoder decoder)
    : home_(home), number_(number), stream_(std::move(stream)), peer_(peer), decoder_(std::move(decoder)) {}

session::~session() { home_.loop.forget(*this); }

void session::begin() {
  tell(event_kind::connected);
  if (home_.options.stay) {
    state_ = state::talking;
  } else {
    home_.silence.arm(*this);
  }
  // Without the loop nothing of this client would ever be read.
  if (home_.loop.watch(stream_.fd(), *this) != 0) finish(event_kind::reset);
}

void session::on_ready(std::uint32_t) {
  read_more();
  if (state_ != state::over && queued() != 0) flush();
}

void session::on_deadline() {
  switch (state_) {
    case state::waiting: return leave(event_kind::silent);
    case state::taking:
    case state::talking: return answer();
    case state::leaving:
      if (queued() != 0) return finish(event_kind::too_slow);
      return finish(ending_ == event_kind::left ? event_kind::let_go : ending_);
    case state::over: return;
  }
}

void session::read_more() {
  if (peer_ended_) return;
  for (int i = 0; i < reads_per_turn; ++i) {
    const auto got = stream_.receive(std::span(home_.scratch).first(read_limit()));
    if (got.would_block()) return;
    if (got.error != 0) return finish(event_kind::reset);
    if (got.bytes == 0) return took_end();
    took({home_.scratch.data(), got.bytes});
    if (state_ == state::over) return;
  }
  home_.loop.again(*this);
}

// A message ends after exactly longest_message bytes: what belongs to it must not depend on how the segments fell.
std::size_t session::read_limit() const noexcept {
  const std::size_t most = home_.scratch.size();
  return state_ == state::taking ? std::min(most, longest_message - message_bytes_) : most;
}

void session::took(std::string_view bytes) {
  received_ += bytes.size();
  home_.totals.bytes_in += bytes.size();
  if (state_ == state::waiting) {
    state_ = state::taking;
    began_ = home_.loop.now();
  }
  if (state_ == state::taking) {
    decoder_.feed(bytes, message_);
    message_bytes_ += bytes.size();
    const bool dripped_too_long = home_.loop.now() - began_ >= home_.options.longest;
    if (message_bytes_ >= longest_message || dripped_too_long) return answer();
    return wait_for_quiet();
  }
  decoder_.feed(bytes, message_);
  show_message();
  if (state_ == state::talking) {
    ++home_.totals.messages;
    unanswered_ = !home_.reply.empty();
    if (unanswered_) wait_for_quiet();
  } else if ((drained_ += bytes.size()) >= longest_drain) {
    finish(ending_ == event_kind::left ? event_kind::let_go : ending_);
  }
}

void session::took_end() {
  peer_ended_ = true;
  decoder_.finish(message_);
  if (received_ == 0 && state_ != state::leaving) ending_ = event_kind::no_data;
  switch (state_) {
    case state::waiting: return finish(ending_);
    case state::taking: return answer();
    case state::talking: show_message(); return leave(ending_);
    case state::leaving:
      show_message();
      if (queued() == 0) finish(ending_);
      return;
    case state::over: return;
  }
}

void session::wait_for_quiet() { (decoder_.pending() != 0 ? home_.half_character : home_.quiet).arm(*this); }

void session::answer() {
  if (state_ == state::talking) {
    unanswered_ = false;
    return send(home_.reply);
  }
  ++home_.totals.messages;
  show_message();
  queue_ += home_.reply;
  leave(event_kind::left);
}

void session::send(std::string_view bytes) {
  if (state_ != state::talking) return;
  queue_ += bytes;
  flush();
  if (state_ != state::over && queued() > longest_backlog) finish(event_kind::too_slow);
}

void session::leave(event_kind how) {
  if (unanswered_) queue_ += home_.reply;
  unanswered_ = false;
  ending_ = how;
  state_ = state::leaving;
  (home_.stopping ? home_.flush : home_.send_stall).arm(*this);
  flush();
}

void session::flush() {
  const std::size_t before = sent_;
  while (queued() != 0) {
    const auto got = stream_.send(std::string_view(queue_).substr(sent_));
    if (got.would_block()) break;
    if (got.error != 0) return broke_off();
    sent_ += got.bytes;
    home_.totals.bytes_out += got.bytes;
  }
  const bool progress = sent_ != before;
  if (queued() == 0 || sent_ >= worth_cutting) {
    queue_.erase(0, sent_);
    sent_ = 0;
  }
  if (state_ == state::leaving) {
    if (queued() == 0) return say_the_end();
    if (progress && !home_.stopping) home_.send_stall.arm(*this);
  } else if (progress) {
    home_.has_room();
  }
}

void session::say_the_end() {
  if (!told_end_) {
    told_end_ = true;
    stream_.finish_sending();
    (home_.stopping ? home_.stop_linger : home_.drain).arm(*this);
  }
  if (peer_ended_) finish(ending_);
}

// A failed send takes the socket's error away, so that what follows reads like an ordinary end: it is remembered here.
// What the client sent before it cut the connection is still there to be read.
void session::broke_off() {
  queue_.clear();
  sent_ = 0;
  unanswered_ = false;
  told_end_ = true;
  ending_ = event_kind::reset;
  state_ = state::leaving;
  read_more();
  finish(event_kind::reset);
}

void session::stop() {
  if (state_ == state::waiting) read_more();  // it may have been accepted just now, with its message behind it
  if (state_ == state::taking) return answer();
  if (state_ == state::waiting || state_ == state::talking) leave(event_kind::stopped);
}

void session::abort() { finish(event_kind::stopped); }

void session::show_message() {
  if (message_.empty()) return;
  event what{.kind = event_kind::text, .client = number_, .peer = peer_.to_string(), .text = {}, .cause = {}};
  what.text.swap(message_);
  home_.tell(what);
}

void session::tell(event_kind kind) {
  home_.tell({.kind = kind, .client = number_, .peer = peer_.to_string(), .text = {}, .cause = {}});
}

void session::finish(event_kind how) {
  if (state_ == state::over) return;
  state_ = state::over;
  decoder_.finish(message_);
  show_message();
  home_.loop.forget(*this);
  stream_.close();
  tell(how);
  home_.finished(*this);
}

}  // namespace sampan::talk
