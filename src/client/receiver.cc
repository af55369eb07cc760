#include "client/receiver.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "net/tcp_stream.h"
#include "net/wait.h"

namespace sampan::client {

namespace {

constexpr std::size_t portion = 1 << 20;

error receive_error(int number) {
  if (number == ECONNRESET) return error::make(errc::connection_reset, "receive from", "the server");
  return error::system(number, "receive from", "the server");
}

}  // namespace

receiver::receiver(int socket) : socket_(socket) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;  // without a pipe bytes are copied
  pipe_out_ = base::unique_fd(ends[0]);
  pipe_in_ = base::unique_fd(ends[1]);
  // Refused beyond the user's quota; through a pipe of 64 KiB splice costs twice as much as copying.
  if (fcntl(pipe_in_.get(), F_SETPIPE_SZ, static_cast<int>(portion)) < static_cast<int>(portion)) pipe_in_.reset();
}

result<receiver::step> receiver::move(target& into, std::uint64_t most) {
  const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(most, portion));
  return pipe_in_ ? splice_some(into, bytes) : copy_some(into, bytes);
}

result<receiver::step> receiver::splice_some(target& into, std::size_t most) {
  const auto got = splice(socket_, nullptr, pipe_in_.get(), nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (got == 0) return step::ended;
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return step::drained;
    return receive_error(errno);
  }
  if (auto done = empty_pipe(into, static_cast<std::size_t>(got)); !done) return done.error();
  return step::moved;
}

result<void> receiver::empty_pipe(target& into, std::size_t bytes) {
  while (bytes > 0) {
    const auto put = splice(pipe_out_.get(), nullptr, into.fd(), nullptr, bytes, SPLICE_F_MOVE);
    if (put > 0) {
      bytes -= static_cast<std::size_t>(put);
      into.count(static_cast<std::uint64_t>(put));
    } else if (put < 0 && errno == EINVAL) {
      buffer_.resize(portion);
      const auto got = read(pipe_out_.get(), buffer_.data(), bytes);
      if (got <= 0) return error::system(errno, "write", into.path());
      if (auto done = into.write({buffer_.data(), static_cast<std::size_t>(got)}); !done) return done.error();
      bytes -= static_cast<std::size_t>(got);
      if (bytes == 0) pipe_in_.reset();  // copy from now on
    } else if (put < 0 && errno == EAGAIN) {
      net::wait_for(into.fd(), POLLOUT, {});  // stdout, made non-blocking by whoever shares it
    } else if (put == 0 || errno != EINTR) {
      return error::system(put == 0 ? EIO : errno, "write", into.path());
    }
  }
  return {};
}

result<receiver::step> receiver::copy_some(target& into, std::size_t most) {
  buffer_.resize(portion);
  const auto got = net::receive_some(socket_, std::span(buffer_).first(most));
  if (got.would_block()) return step::drained;
  if (got.error != 0) return receive_error(got.error);
  if (got.bytes == 0) return step::ended;
  if (auto done = into.write({buffer_.data(), got.bytes}); !done) return done.error();
  return step::moved;
}

}  // namespace sampan::client
