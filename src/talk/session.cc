#include "talk/session.h"

#include <algorithm>
#include <utility>

namespace sampan::talk {

namespace {
// Reads of one client before the others have their turn: 256 KiB, about a tenth of a millisecond of decoding.
constexpr int reads_per_turn = 16;
// Sent bytes at the front of a queue are cut off when they are this many: less often would cost memory, more often time.
constexpr std::size_t worth_cutting = 64 * 1024;
}  // namespace

session_home::session_home(server_options given, voice spoken, std::function<void(const event&)> told)
    : options(std::move(given)),
      tongue(std::move(spoken)),
      on_event(std::move(told)),
      quiet(loop, options.quiet),
      half_character(loop, options.half_character),
      silence(loop, options.silence),
      reply_delay(loop, options.reply_delay),
      gap(loop, options.frames.gap),
      idle(loop, options.idle),
      send_stall(loop, options.send_stall),
      drain(loop, options.drain),
      flush(loop, options.flush),
      stop_linger(loop, options.stop_linger) {}

session::session(session_home& home, std::uint64_t number, net::tcp_stream stream, std::string peer)
    : session(home, number, std::move(stream), std::move(peer), nullptr, {}) {}

session::session(session_home& home, std::uint64_t number, net::tcp_stream stream, std::string peer,
                 net::datagram_door* door, const net::address& where)
    : home_(home),
      number_(number),
      stream_(std::move(stream)),
      door_(door),
      address_(where),
      peer_(std::move(peer)),
      decoder_(home.tongue.decoder.another()),
      replier_(home.options.reply_limit, peer_) {
  if (home.options.on_record) {
    recorder_ =
        std::make_unique<recorder>(home.options.frames, decoder_.another(), number, peer_, home.options.on_record);
  }
}

session::session(session_home& home, std::uint64_t number, net::datagram_door& door, const net::address& peer)
    : session(home, number, net::tcp_stream(), peer.to_string(), &door, peer) {}

session::~session() { home_.loop.forget(*this); }

void session::begin() {
  tell(event_kind::connected);
  if (home_.options.stay) {
    state_ = state::talking;
    not_idle();
  } else {
    home_.silence.arm(*this);
  }
  if (door_) return;
  // Without the loop nothing of this client would ever be read.
  if (home_.loop.watch(stream_.fd(), *this) != 0) finish(event_kind::reset);
}

bool session::is_at(const net::datagram_door& door, const net::address& peer) const {
  return door_ == &door && address_.port() == peer.port() && peer_ == peer.to_string();
}

// It is a message: the sender cut it.
void session::take_datagram(std::string_view bytes) {
  if (!bytes.empty()) took(bytes);
  if (state_ == state::taking || (state_ == state::talking && !unanswered_.empty())) answer();
}

net::moved session::send_some() {
  const std::string_view rest = std::string_view(queue_).substr(sent_);
  return door_ ? door_->send(address_, rest.substr(0, net::longest_datagram)) : stream_.send(rest);
}

void session::on_ready(std::uint32_t) {
  if (!door_) read_more();
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
    case state::answering:
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
  not_idle();
  if (!hinted_ && tongue().mistakes_utf8(bytes)) {
    hinted_ = true;
    tell(event_kind::looks_like_utf8);
  }
  if (recorder_) recorder_->came(bytes);
  if (recorder_ && recorder_->waits_for_gap()) home_.gap.arm(gap_);
  if (state_ == state::taking) {
    decoder_.feed(bytes, message_);
    message_bytes_ += bytes.size();
    const bool dripped_too_long = home_.loop.now() - began_ >= home_.options.longest;
    if (message_bytes_ >= longest_message || dripped_too_long) return answer();
    return wait_for_quiet();
  }
  decoder_.feed(bytes, message_);
  if (state_ == state::talking) {
    ++home_.totals.messages;
    if (!tongue().rules.empty()) unanswered_ += message_;
    if (home_.options.broker) home_.relay(*this, bytes, message_);
    show_message();
    if (unanswered_.size() >= longest_message) return answer();
    if (!tongue().rules.empty()) wait_for_quiet();
    return;
  }
  show_message();
  if ((drained_ += bytes.size()) >= longest_drain) {
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
    case state::answering: return show_message();
    case state::talking: show_message(); return leave(ending_);
    case state::leaving:
      show_message();
      if (queued() == 0) finish(ending_);
      return;
    case state::over: return;
  }
}

void session::wait_for_quiet() { (decoder_.pending() != 0 ? home_.half_character : home_.quiet).arm(*this); }

void session::not_idle() {
  if (state_ == state::talking && home_.options.idle.count() > 0) home_.idle.arm(idle_);
}

void session::answer() {
  const bool talking = state_ == state::talking;
  reply_ += replier_.answer(tongue(), talking ? unanswered_ : message_, home_.loop.now());
  if (replier_.dropped_untold()) tell(event_kind::replies_dropped);
  if (talking) {
    unanswered_.clear();
  } else {
    ++home_.totals.messages;
    show_message();
    state_ = state::answering;
    disarm();
  }
  if (home_.options.reply_delay.count() == 0 || reply_.empty()) return reply_now();
  if (!later_.armed()) home_.reply_delay.arm(later_);
}

void session::reply_now() {
  const std::string bytes = std::exchange(reply_, {});
  if (state_ == state::talking) return send(bytes);
  if (recorder_) recorder_->went(bytes);
  queue_ += bytes;
  if (state_ == state::answering) leave(event_kind::left);
}

result<void> session::send_typed(std::string_view utf8) {
  result<void> all;
  std::string bytes;
  composer& typed = own_tongue_ ? own_tongue_->typed : home_.tongue.typed;
  while (!utf8.empty()) {
    if (auto done = typed.compose(utf8, bytes); !done && all) all = done;
  }
  send(bytes);
  return all;
}

void session::send_sealed(std::string_view bytes) {
  std::string sealed;
  tongue().typed.compose_raw(bytes, sealed);
  send(sealed);
}

void session::send_periodic(std::uint64_t count) {
  if (state_ != state::talking) return;
  if (queued() != 0) {
    if (skipped_++ == 0) tell(event_kind::periodic_skipped);
    return;
  }
  if (skipped_ != 0) tell(event_kind::periodic_resumed, std::exchange(skipped_, 0));
  send(replier::periodic(tongue(), count, peer_));
}

result<void> session::use_encoding(std::string_view name) {
  auto made = voice::open(home_.options, name);
  if (!made) return made.error();
  use(*made);
  own_tongue_ = std::make_unique<voice>(std::move(*made));
  own_encoding_ = name;
  return {};
}

void session::use_encoding_of_server() {
  use(home_.tongue);
  own_tongue_.reset();
}

void session::use(const voice& spoken) {
  decoder_.finish(message_);
  show_message();
  decoder_ = spoken.decoder.another();
  if (recorder_) recorder_->use(decoder_.another());
}

void session::kick() {
  if (state_ == state::talking) leave(event_kind::kicked);
}

void session::send(std::string_view bytes) {
  if (state_ != state::talking || bytes.empty()) return;
  if (recorder_) recorder_->went(bytes);
  queue_ += bytes;
  flush();
  if (state_ != state::over && queued() > longest_backlog) finish(event_kind::too_slow);
}

void session::leave(event_kind how) {
  if (!unanswered_.empty()) reply_ += replier_.answer(tongue(), std::exchange(unanswered_, {}), home_.loop.now());
  later_.disarm();
  if (recorder_) recorder_->went(reply_);
  queue_ += std::exchange(reply_, {});
  ending_ = how;
  state_ = state::leaving;
  idle_.disarm();
  (home_.stopping ? home_.flush : home_.send_stall).arm(*this);
  flush();
}

void session::flush() {
  const std::size_t before = sent_;
  while (queued() != 0) {
    const auto got = send_some();
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
    not_idle();
    home_.has_room();
  }
}

void session::say_the_end() {
  if (!told_end_) {
    told_end_ = true;
    if (!door_) stream_.finish_sending();
    (home_.stopping ? home_.stop_linger : home_.drain).arm(*this);
  }
  if (peer_ended_ || door_) finish(ending_);
}

// A failed send takes the socket's error away, so that what follows reads like an ordinary end: it is remembered here.
// What the client sent before it cut the connection is still there to be read.
void session::broke_off() {
  queue_.clear();
  sent_ = 0;
  unanswered_.clear();
  reply_.clear();
  told_end_ = true;
  ending_ = event_kind::reset;
  state_ = state::leaving;
  if (!door_) read_more();
  finish(event_kind::reset);
}

void session::stop() {
  if (state_ == state::waiting && !door_)
    read_more();  // it may have been accepted just now, with its message behind it
  if (state_ == state::taking) answer();
  if (state_ == state::answering) return reply_now();
  if (state_ == state::waiting || state_ == state::talking) leave(event_kind::stopped);
}

void session::abort() { finish(event_kind::stopped); }

void session::show_message() {
  if (message_.empty()) return;
  event what{.kind = event_kind::text, .client = number_, .peer = peer_, .text = {}, .cause = {}};
  what.text.swap(message_);
  home_.tell(what);
}

void session::tell(event_kind kind, std::uint64_t count) {
  home_.tell({.kind = kind, .client = number_, .peer = peer_, .text = {}, .cause = {}, .count = count});
}

void session::finish(event_kind how) {
  if (state_ == state::over) return;
  state_ = state::over;
  decoder_.finish(message_);
  show_message();
  later_.disarm();
  gap_.disarm();
  idle_.disarm();
  if (recorder_) recorder_->finish();
  home_.loop.forget(*this);
  stream_.close();
  tell(how);
  home_.finished(*this);
}

}  // namespace sampan::talk
