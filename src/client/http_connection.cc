#include "client/http_connection.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/tcp_stream.h"

namespace sampan::client {

namespace {

// Heads are smaller nearly always, and what comes of the body with them is copied once more than the rest.
constexpr std::size_t head_portion = 16 * 1024;
// A server has no reason for more than two or three; without an end they would last for ever.
constexpr int most_interim_answers = 32;
// Moved at once. Through a pipe of 64 KiB splice costs twice as much as copying.
constexpr std::size_t pipe_size = 1 << 20;
// How much should be there before poll(2) calls the socket readable: fewer, larger portions.
constexpr std::uint64_t worthwhile = 512 * 1024;

// RFC 9110 15.2.2: 101 ends HTTP, so it is no interim answer; nobody asked for it, and it is refused like any such answer.
bool is_interim(const http::response_head& head) { return head.status < 200 && head.status != 101; }

}  // namespace

error http_connection::failed(errc code, std::string_view detail) const {
  return error::make(code, "receive from", where_, detail);
}

error http_connection::failed(int number) const {
  if (number == ECONNRESET || number == EPIPE) return failed(errc::connection_reset);
  if (number == ECONNABORTED) return failed(errc::cut_short);  // the end of a TLS connection that was not announced
  if (number == EPROTO) return failed(errc::tls_failed, stream_->why());
  return error::system(number, "receive from", where_);
}

// A server that has answered early may not take the request any more: its answer, or the reset, then tells more.
result<void> http_connection::send(std::string_view request, watch& patience) {
  while (!request.empty()) {
    const auto sent = stream_->send(request);
    request.remove_prefix(sent.bytes);
    if (sent.error != 0 && !sent.would_block()) return {};
    if (!sent.would_block()) continue;
    if (auto good = patience.wait(stream_->fd(), stream_->waits_for(POLLOUT), where_); !good) return good.error();
  }
  return {};
}

result<std::optional<http::response_head>> http_connection::ask(std::string_view request, watch& patience) {
  ended_ = surplus_ = false;
  patience.begin();
  want(1);
  if (auto good = send(request, patience); !good) return good.error();
  // The whole head has to come within the time that may pass without a byte.
  http::response_parser parser;
  int interim = 0;
  heard_ = !came_.empty();
  std::array<char, head_portion> buffer;
  for (;;) {
    std::string_view rest = came_;
    while (!rest.empty()) {
      const auto step = parser.feed(rest);
      rest.remove_prefix(step.taken);
      if (step.now == http::response_parser::state::malformed) {
        return failed(errc::malformed_answer, parser.problem());
      }
      if (step.now == http::response_parser::state::more) break;
      if (!is_interim(parser.head())) {
        came_ = std::string(rest);
        if (auto good = patience.came(came_.size(), where_); !good) return good.error();
        return std::optional(parser.head());
      }
      if (++interim > most_interim_answers) return failed(errc::malformed_answer, "too many interim answers");
      parser = {};
    }
    came_.clear();
    const auto got = stream_->receive(buffer);
    if (got.would_block()) {
      if (auto good = patience.wait(stream_->fd(), stream_->waits_for(POLLIN), where_); !good) return good.error();
      continue;
    }
    if (got.error != 0) return failed(got.error);
    if (got.bytes == 0 && heard_) return failed(errc::cut_short);
    if (got.bytes == 0) return std::optional<http::response_head>();
    heard_ = true;
    came_.assign(buffer.data(), got.bytes);
  }
}

void http_connection::expect(const http::body_framing& framing) {
  framing_ = framing;
  left_ = framing.length;
  chunks_ = {};
  broken_ = false;
  ended_ = framing.end == http::body_end::none || (framing.end == http::body_end::length && left_ == 0);
  surplus_ = ended_ && !came_.empty();
}

// Nothing behind the last bytes would wake poll(2).
void http_connection::want(std::uint64_t bytes) {
  const int wanted = stream_->is_plain() ? static_cast<int>(std::min(bytes, worthwhile)) : 1;
  if (wanted != low_water_) net::set_receive_low_water(stream_->fd(), wanted);
  low_water_ = wanted;
}

result<std::size_t> http_connection::receive(std::span<char> into, watch& patience) {
  if (!came_.empty()) {
    const auto bytes = std::min(into.size(), came_.size());
    std::copy_n(came_.begin(), bytes, into.begin());
    came_.erase(0, bytes);
    return bytes;
  }
  for (;;) {
    const auto got = stream_->receive(into);
    if (got.error == 0) {
      if (got.bytes == 0) return 0;
      if (auto good = patience.came(got.bytes, where_); !good) return good.error();
      return got.bytes;
    }
    if (!got.would_block()) return failed(got.error);
    if (auto good = patience.wait(stream_->fd(), stream_->waits_for(POLLIN), where_); !good) return good.error();
  }
}

result<std::size_t> http_connection::read(std::span<char> into, watch& patience) {
  if (ended_) return 0;
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), patience.portion())));
  if (framing_.end == http::body_end::chunked) return read_chunked(into, patience);
  if (framing_.end == http::body_end::length && left_ < into.size()) into = into.first(static_cast<std::size_t>(left_));
  want(framing_.end == http::body_end::length ? left_ : worthwhile);
  auto got = receive(into, patience);
  if (!got) return got;
  if (framing_.end == http::body_end::length) {
    if (*got == 0) return failed(errc::cut_short);
    left_ -= *got;
    ended_ = left_ == 0;
    if (ended_) surplus_ = !came_.empty();
  } else {
    ended_ = *got == 0;
  }
  return got;
}

// Takes the chunked coding out in place, so that one write(2) serves any number of small chunks.
result<std::size_t> http_connection::read_chunked(std::span<char> into, watch& patience) {
  want(worthwhile);
  if (broken_) return failed(errc::malformed_answer, "bad chunk");
  for (;;) {
    auto got = receive(into, patience);
    if (!got) return got;
    if (*got == 0) return failed(errc::cut_short);
    std::size_t body = 0;
    std::string_view rest(into.data(), *got);
    auto now = http::chunked_decoder::state::more;
    while (!rest.empty() && now == http::chunked_decoder::state::more) {
      const auto step = chunks_.feed(rest);
      if (!step.body.empty()) std::memmove(into.data() + body, step.body.data(), step.body.size());
      body += step.body.size();
      now = step.now;
      rest.remove_prefix(step.taken);
    }
    if (now == http::chunked_decoder::state::malformed) {
      broken_ = true;  // what came before it is good, and is given out first
      if (body == 0) return failed(errc::malformed_answer, "bad chunk");
      return body;
    }
    ended_ = now == http::chunked_decoder::state::done;
    if (ended_) surplus_ = !rest.empty() || !came_.empty();
    if (body > 0 || ended_) return body;
  }
}

bool http_connection::open_pipe() {
  if (pipe_in_) return true;
  if (pipe_refused_) return false;
  int ends[2];
  pipe_refused_ = true;
  if (pipe2(ends, O_CLOEXEC) != 0) return false;  // without a pipe bytes are copied
  pipe_out_ = base::unique_fd(ends[0]);
  pipe_in_ = base::unique_fd(ends[1]);
  // Refused beyond the user's quota.
  if (fcntl(pipe_in_.get(), F_SETPIPE_SZ, static_cast<int>(pipe_size)) < static_cast<int>(pipe_size)) pipe_in_.reset();
  pipe_refused_ = !pipe_in_;
  return !pipe_refused_;
}

result<std::optional<std::size_t>> http_connection::move(int file, std::uint64_t offset, std::size_t most,
                                                         watch& patience) {
  const bool told = framing_.end == http::body_end::length;
  if (!stream_->is_plain() || !came_.empty() || ended_ || !(told || framing_.end == http::body_end::close) ||
      !open_pipe()) {
    return std::optional<std::size_t>();
  }
  most = static_cast<std::size_t>(std::min<std::uint64_t>({most, pipe_size, patience.portion()}));
  if (told) most = static_cast<std::size_t>(std::min<std::uint64_t>(most, left_));
  want(told ? left_ : worthwhile);
  const auto got = fill_pipe(most, patience);
  if (!got) return got.error();
  if (*got == 0) {
    if (told) return failed(errc::cut_short);
    ended_ = true;
    return std::optional<std::size_t>(0);
  }
  if (told) left_ -= *got;
  ended_ = told && left_ == 0;
  return empty_pipe(file, offset, *got);
}

result<std::size_t> http_connection::fill_pipe(std::size_t most, watch& patience) {
  for (;;) {
    const auto got = splice(stream_->fd(), nullptr, pipe_in_.get(), nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got == 0) return 0;
    if (got > 0) {
      if (auto good = patience.came(static_cast<std::uint64_t>(got), where_); !good) return good.error();
      return static_cast<std::size_t>(got);
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return failed(errno);
    if (auto good = patience.wait(stream_->fd(), POLLIN, where_); !good) return good.error();
  }
}

// What the file does not take goes back to `came_`, so that no byte is lost with the pipe.
result<std::optional<std::size_t>> http_connection::empty_pipe(int file, std::uint64_t offset, std::size_t bytes) {
  auto at = static_cast<off_t>(offset);
  std::size_t left = bytes;
  while (left > 0) {
    const auto put = splice(pipe_out_.get(), nullptr, file, &at, left, SPLICE_F_MOVE);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) break;
    left -= static_cast<std::size_t>(put);
  }
  if (left == 0) return std::optional(bytes);
  const int number = errno;
  came_.resize(left);
  for (std::size_t done = 0; done < left;) {
    const auto got = ::read(pipe_out_.get(), came_.data() + done, left - done);
    if (got <= 0) return error::system(EIO, "write", "the pipe");  // it holds what was put into it
    done += static_cast<std::size_t>(got);
  }
  if (framing_.end == http::body_end::length) left_ += left;
  ended_ = false;
  if (number == EINVAL) {
    pipe_in_.reset();  // the file does not take that: copy from now on
    pipe_refused_ = true;
  }
  // The rest is written by who reads it, who then sees the file's trouble.
  return bytes > left ? std::optional(bytes - left) : std::optional<std::size_t>();
}

bool http_connection::surplus() {
  if (!ended_ || framing_.end == http::body_end::close) return surplus_;
  char one;
  surplus_ = surplus_ || (stream_->is_plain() && net::peek_some(stream_->fd(), {&one, 1}).bytes > 0);
  return surplus_;
}

bool http_connection::at_end() { return ended_ && framing_.end != http::body_end::close && !surplus(); }

bool http_connection::is_stale() {
  char one;
  return !came_.empty() || !stream_->receive({&one, 1}).would_block();
}

}  // namespace sampan::client
