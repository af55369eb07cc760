#include "server/connection.h"

#include <algorithm>
#include <cerrno>

#include "server/bare_exchange.h"
#include "server/http_exchange.h"
#include "server/sniff.h"
#include "server/worker.h"
#include "store/cache_probe.h"

namespace sampan::serving {

namespace {
// Progress that keeps a slow client: one that reads a byte a minute would hold its descriptor for ever.
constexpr std::uint64_t least_progress = 64 * 1024;
// What a client may still send after its request before the connection is closed all the same.
constexpr int drain_reads = 256;

std::chrono::microseconds since(net::clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::microseconds>(net::clock::now() - then);
}
}  // namespace

connection::connection(worker& home, base::unique_fd fd, const net::address& peer)
    : worker_(home),
      stream_(std::move(fd)),
      peer_(peer),
      began_(home.loop().now()),
      first_(std::make_unique<std::string>()) {}

connection::~connection() {
  if (out_) worker_.give_back(std::move(out_));
}

void connection::begin() {
  worker_.request_deadline().arm(*this);
  read_first();
}

void connection::watch() {
  const int number = worker_.loop().watch(stream_.fd(), *this);
  // While the disk is waited for it must stay; unwatched, it ends at a deadline.
  if (number != 0 && state_ != state::waiting_for_disk) reset(serve_outcome::failed, number);
}

void connection::on_ready(std::uint32_t events) {
  const bool only_writable = events == net::ready_to_write;
  switch (state_) {
    case state::naming: return only_writable ? void() : read_first();
    case state::speaking:
      return only_writable ? void() : exchange_->on_input(events == 0 || (events & net::peer_ended) != 0);
    case state::sending: return send_more();
    case state::lingering: return drain();
    case state::waiting_for_disk:  // looked at again when the disk has answered
      if ((events & net::broken) != 0) exchange_->on_client_gone();
      return;
    case state::held_back:
      if ((events & net::broken) != 0) return leave();
      if ((events & net::peer_ended) == 0) return;
      exchange_->on_client_gone();  // it may have closed; if not, it gets what there is
      return resume();
    case state::over: return;
  }
}

void connection::on_deadline() {
  switch (state_) {
    case state::naming:
      if (first_->empty()) return finish(serve_outcome::no_name);
      decide(true);
      return;
    case state::speaking: return exchange_->on_deadline();
    case state::sending:
      if (out_->sent() - progress_mark_ < least_progress) return reset(serve_outcome::too_slow);
      progress_mark_ = out_->sent();
      return worker_.send_deadline().arm(*this);
    case state::lingering: return finish(outcome_);
    case state::held_back: return resume();
    case state::waiting_for_disk:
    case state::over: return;
  }
}

void connection::end_if_idle() {
  const bool idle = state_ == state::naming ? first_->empty() : state_ == state::speaking && exchange_->is_idle();
  if (!idle) return;
  char next = 0;
  if (net::peek_some(stream_.fd(), {&next, 1}).bytes == 0) finish(serve_outcome::no_name);
}

void connection::abort() {
  if (state_ == state::lingering) return finish(outcome_);
  if (state_ != state::over) reset(serve_outcome::stopped);
}

void connection::read_first() {
  for (;;) {
    // More than a name has, so that a long HTTP line is seen to be one; with what there is already not more than on_input()
    // can take. There is room: while it is undecided there are at most longest_name bytes.
    const auto room = worker_.scratch().subspan(first_->size());
    const auto got = stream_.receive(room);
    if (got.would_block()) return;
    ended_ = got.error != 0 || got.bytes == 0;
    told_ = ended_ && first_->empty();  // browsers open connections that they then do not use: nothing was asked
    if (got.error != 0) return finish(serve_outcome::client_left);
    if (ended_ && first_->empty()) return finish(serve_outcome::no_name);
    first_->append(room.data(), got.bytes);
    if (!ended_ && segments_ < 2) ++segments_;
    if (decide(false)) return;
  }
}

// Returns whether reading the first bytes is over.
bool connection::decide(bool quiet) {
  const auto what = sniff({*first_, segments_, ended_, quiet});
  const bool in_time = worker_.loop().now() - began_ < worker_.parts().options.request_timeout;
  switch (what.kind) {
    case protocol::undecided:
      if (!in_time) return linger(serve_outcome::no_name), true;
      worker_.quiet(what.quiet).arm(*this);
      return false;
    case protocol::bare_name: return speak(std::make_unique<bare_exchange>(*this, std::string(what.name))), true;
    case protocol::http: return speak(std::make_unique<http_exchange>(*this, std::move(*first_))), true;
    case protocol::name_too_long: return linger(serve_outcome::name_too_long), true;
    case protocol::tls: return linger(serve_outcome::tls_refused), true;
  }
  return true;
}

void connection::speak(std::unique_ptr<exchange> what) {
  state_ = state::speaking;
  exchange_ = std::move(what);
  first_.reset();
  exchange_->on_input(true);
}

outgoing& connection::out() {
  if (!out_) out_ = worker_.take_outgoing();
  return *out_;
}

sending connection::send(bool more_follows) {
  more_follows_ = more_follows;
  return after(out().send(stream_, more_follows_));
}

sending connection::send(std::string_view bytes, std::size_t content) {
  const auto moved = stream_.send(bytes);
  if (moved.bytes == bytes.size()) return sending::done;
  const std::size_t head = bytes.size() - content;
  outgoing& rest = out();
  if (moved.bytes < head) {
    rest.text().append(bytes.substr(moved.bytes, head - moved.bytes));
    rest.add_text(false);
  }
  rest.text().append(bytes.substr(std::max(moved.bytes, head)));
  rest.add_text(true);
  return send();
}

void connection::send_more() {
  if (after(out_->send(stream_, more_follows_)) != sending::done) return;
  state_ = state::speaking;
  exchange_->on_sent();
}

sending connection::after(outgoing::step took) {
  switch (took) {
    case outgoing::step::done: return sending::done;
    case outgoing::step::blocked:
    case outgoing::step::turn_over:
      if (state_ != state::sending) {
        state_ = state::sending;
        progress_mark_ = out_->sent();
        worker_.send_deadline().arm(*this);
      }
      if (took == outgoing::step::turn_over) worker_.loop().again(*this);
      return sending::later;
    case outgoing::step::cold: {
      const auto work = [file = out_->file(), at = out_->cold_offset(), length = out_->cold_length()] {
        store::read_into_page_cache(file->get(), at, length);
      };
      wait_for_disk(worker_.parts().disk, work, [this] {
        out_->warmed();
        send_more();
      });
      return sending::later;
    }
    case outgoing::step::shrank: return reset(serve_outcome::file_shrank), sending::over;
    case outgoing::step::changed: return reset(serve_outcome::file_changed), sending::over;
    case outgoing::step::failed: break;
  }
  const int number = out_->number();
  if (number == EPIPE || number == ECONNRESET) return finish(serve_outcome::client_left), sending::over;
  return reset(serve_outcome::failed, number), sending::over;
}

void connection::wait_for_disk(net::pool& pool, std::function<void()> work, std::function<void()> done) {
  disarm();
  state_ = state::waiting_for_disk;
  pool.run(worker_.loop(), std::move(work), [this, call = std::move(done)] {
    state_ = state::speaking;
    call();
  });
}

void connection::hold_back(net::deadline_list& until) {
  state_ = state::held_back;
  until.arm(*this);
}

void connection::resume() {
  disarm();
  state_ = state::speaking;
  exchange_->on_sent();
}

sending connection::next_turn() {
  state_ = state::sending;
  progress_mark_ = out_->sent();
  worker_.send_deadline().arm(*this);
  worker_.loop().again(*this);
  return sending::later;
}

void connection::look_again() { worker_.loop().again(*this); }

void connection::request_begins() noexcept {
  began_ = worker_.loop().now();
  took_ = {};
  told_ = false;
}

void connection::request_ends(std::uint64_t bytes) {
  tell(serve_outcome::sent, bytes);
  told_ = true;
  if (out_) worker_.give_back(std::move(out_));
}

void connection::linger(serve_outcome outcome) {
  outcome_ = outcome;
  took_ = since(began_);
  state_ = state::lingering;
  stream_.finish_sending();
  worker_.linger_deadline().arm(*this);
  drain();
}

void connection::drain() {
  for (int i = 0; i < drain_reads; ++i) {
    const auto got = stream_.receive(worker_.scratch());
    if (got.would_block()) return;
    if (got.error != 0 && outcome_ == serve_outcome::sent) return finish(serve_outcome::client_left);
    if (got.error != 0 || got.bytes == 0) return finish(outcome_);
  }
  worker_.loop().again(*this);  // until the linger deadline
}

void connection::close(serve_outcome outcome) { finish(outcome); }

void connection::reset(serve_outcome outcome, int number) {
  worker_.loop().forget(*this);
  const std::uint64_t bytes = content_sent();
  stream_.reset();
  tell(outcome, bytes, number);
  finish(outcome);
}

std::uint64_t connection::content_sent() const noexcept { return out_ ? out_->content_sent() : 0; }

void connection::tell(serve_outcome outcome, std::uint64_t bytes, int number) {
  const auto& on_request = worker_.parts().events.on_request;
  if (told_ || !on_request) return;
  told_ = true;
  serve_record about;
  if (exchange_ && !exchange_->describe(about)) return;
  if (!exchange_) about.name = *first_;
  if (took_.count() == 0) took_ = since(began_);
  const auto ago = std::chrono::duration_cast<std::chrono::system_clock::duration>(net::clock::now() - began_);
  about.time = std::chrono::system_clock::now() - ago;
  std::string& peer = worker_.peer_text();
  peer.clear();
  peer_.append_to(peer);
  about.peer = peer;
  about.bytes = bytes;
  about.took = took_;
  about.outcome = outcome;
  about.number = number;
  on_request(about);
}

void connection::finish(serve_outcome outcome) {
  state_ = state::over;
  std::uint64_t bytes = content_sent();
  // What its kernel has not acknowledged, a client that left cannot have read.
  if (outcome == serve_outcome::client_left) bytes = std::min(bytes, stream_.acknowledged());
  tell(outcome, bytes);
  worker_.finished(*this);
}

}  // namespace sampan::serving
