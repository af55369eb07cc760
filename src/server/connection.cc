#include "server/connection.h"

#include <algorithm>
#include <cerrno>

#include "server/worker.h"
#include "store/cache_probe.h"

namespace sampan::serving {

namespace {
// Bytes that one client may send before the others of its worker have their turn: 0.2 ms of sendfile on loopback, and a
// thousandth of a turn's fixed cost (docs/benchmarks.md).
constexpr std::uint64_t turn_budget = 1 << 20;
// How much is asked of the disk at once, and how far one look at the page cache reaches.
constexpr std::uint64_t warm_piece = 1 << 20;
// Progress that keeps a slow client: one that reads a byte a minute would hold its descriptor for ever.
constexpr std::uint64_t least_progress = 64 * 1024;
// What a client may still send after its request before the connection is closed all the same.
constexpr int drain_reads = 256;

constexpr std::string_view not_implemented =
    "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}  // namespace

connection::connection(worker& home, base::unique_fd fd, const net::address& peer)
    : worker_(home), stream_(std::move(fd)), peer_(peer), connected_(home.loop().now()) {}

void connection::begin() {
  if (const int number = worker_.loop().watch(stream_.fd(), *this)) return reset(serve_outcome::failed, number);
  worker_.request_deadline().arm(*this);
}

void connection::on_ready(std::uint32_t) {
  switch (state_) {
    case state::naming: return read_name();
    case state::sending: return send_more();
    case state::lingering: return drain();
    case state::waiting_for_disk:  // looked at again when the disk has answered
    case state::over: return;
  }
}

void connection::on_deadline() {
  switch (state_) {
    case state::naming:
      if (name_.empty()) return finish(serve_outcome::no_name, 0);
      decide(true);
      return;
    case state::sending:
      if (offset_ - progress_mark_ < least_progress) return reset(serve_outcome::too_slow);
      progress_mark_ = offset_;
      return worker_.send_deadline().arm(*this);
    case state::lingering: return finish(outcome_, offset_);
    case state::waiting_for_disk:
    case state::over: return;
  }
}

void connection::end_if_idle() {
  if (state_ != state::naming || !name_.empty()) return;
  char first = 0;
  if (net::peek_some(stream_.fd(), {&first, 1}).bytes == 0) finish(serve_outcome::no_name, 0);
}

void connection::abort() {
  if (state_ == state::lingering) return finish(outcome_, offset_);
  if (state_ != state::over) reset(serve_outcome::stopped);
}

void connection::read_name() {
  for (;;) {
    const auto got = stream_.receive(worker_.scratch().subspan(name_.size()));
    if (got.would_block()) return;
    if (got.error != 0) return finish(serve_outcome::client_left, 0);
    ended_ = got.bytes == 0;
    if (ended_ && name_.empty()) return finish(serve_outcome::no_name, 0);
    const auto fresh = worker_.scratch().subspan(name_.size(), got.bytes);
    name_.append(fresh.begin(), fresh.end());
    if (!ended_) ++segments_;
    if (decide(false)) return;
  }
}

// Returns whether reading is over.
bool connection::decide(bool quiet) {
  const auto what = sniff({name_, segments_, ended_, quiet});
  const bool in_time = worker_.loop().now() - connected_ < worker_.parts().options.request_timeout;
  switch (what.kind) {
    case protocol::undecided:
      if (!in_time) return linger(serve_outcome::no_name), true;
      worker_.quiet(what.quiet).arm(*this);
      return false;
    case protocol::bare_name:
      name_ = std::string(what.name);
      open_file();
      return true;
    case protocol::name_too_long: return linger(serve_outcome::name_too_long), true;
    case protocol::tls: return linger(serve_outcome::tls_refused), true;
    case protocol::http: return refuse_http(), true;
  }
  return true;
}

void connection::refuse_http() {
  name_.resize(std::min(name_.size(), name_.find_first_of("\r\n")));
  stream_.send(not_implemented);  // fits into the buffer of a fresh connection
  linger(serve_outcome::http_refused);
}

void connection::open_file() {
  disarm();
  const auto& files = worker_.parts().files;
  auto file = files.open(name_, store::local_dir::may::only_use_caches);
  if (file || !file.error().is_system(EAGAIN)) return opened(std::move(file));
  state_ = state::waiting_for_disk;
  auto answer = std::make_shared<result<store::object>>(file.error());
  worker_.parts().disk.run(
      worker_.loop(), [answer, &files, name = name_] { *answer = files.open(name, store::local_dir::may::block); },
      [this, answer] { opened(std::move(*answer)); });
}

void connection::opened(result<store::object> file) {
  if (!file) {
    if (file.error().code() == errc::no_such_file) return linger(serve_outcome::no_such_file);
    return reset(serve_outcome::failed, file.error().number());  // a clean close would say "no such file"
  }
  file_ = std::move(*file);
  state_ = state::sending;
  worker_.send_deadline().arm(*this);
  send_more();
}

void connection::send_more() {
  std::uint64_t budget = turn_budget;
  while (offset_ < file_.size) {
    if (budget == 0) return worker_.loop().again(*this);
    if (!piece_is_warm()) return warm_up();
    const auto length = std::min(budget, warm_until_ - offset_);
    const auto sent = stream_.send_file(file_.fd.get(), offset_, length);
    if (sent.would_block()) return;
    if (sent.error == EPIPE || sent.error == ECONNRESET) {
      return finish(serve_outcome::client_left, std::min(stream_.acknowledged(), offset_));
    }
    if (sent.error != 0) return reset(serve_outcome::failed, sent.error);
    if (sent.bytes == 0) return reset(serve_outcome::file_shrank);
    budget -= sent.bytes;
  }
  linger(serve_outcome::sent);
}

bool connection::piece_is_warm() {
  if (offset_ < warm_until_) return true;
  const auto length = std::min(warm_piece, file_.size - offset_);
  if (!store::in_page_cache(file_.fd.get(), offset_, length)) return false;
  warm_until_ = offset_ + length;
  return true;
}

void connection::warm_up() {
  disarm();
  state_ = state::waiting_for_disk;
  const auto length = std::min(warm_piece, file_.size - offset_);
  worker_.parts().disk.run(
      worker_.loop(), [fd = file_.fd.get(), at = offset_, length] { store::read_into_page_cache(fd, at, length); },
      [this, until = offset_ + length] {
        warm_until_ = until;
        state_ = state::sending;
        worker_.send_deadline().arm(*this);
        send_more();
      });
}

void connection::linger(serve_outcome outcome) {
  outcome_ = outcome;
  took_ = std::chrono::duration_cast<std::chrono::microseconds>(net::clock::now() - connected_);
  file_.fd.reset();
  state_ = state::lingering;
  stream_.finish_sending();
  worker_.linger_deadline().arm(*this);
  drain();
}

void connection::drain() {
  for (int i = 0; i < drain_reads; ++i) {
    const auto got = stream_.receive(worker_.scratch());
    if (got.would_block()) return;
    if (got.error != 0 && outcome_ == serve_outcome::sent) {
      return finish(serve_outcome::client_left, std::min(stream_.acknowledged(), offset_));
    }
    if (got.error != 0 || got.bytes == 0) return finish(outcome_, offset_);
  }
  worker_.loop().again(*this);  // until the linger deadline
}

void connection::reset(serve_outcome outcome, int number) {
  worker_.loop().forget(*this);
  stream_.reset();
  finish(outcome, offset_, number);
}

void connection::finish(serve_outcome outcome, std::uint64_t bytes, int number) {
  state_ = state::over;
  const auto now = net::clock::now();
  if (took_.count() == 0) took_ = std::chrono::duration_cast<std::chrono::microseconds>(now - connected_);
  if (const auto& tell = worker_.parts().events.on_request) {
    const auto began = std::chrono::system_clock::now() -
                       std::chrono::duration_cast<std::chrono::system_clock::duration>(now - connected_);
    tell({began, peer_.to_string(), name_, bytes, took_, outcome, number});
  }
  worker_.finished(*this);
}

}  // namespace sampan::serving
