#include "net/tcp_stream.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

namespace sampan::net {

namespace {
template <class Call>
moved repeated(Call call) noexcept {
  for (;;) {
    const ssize_t got = call();
    if (got >= 0) return {static_cast<std::size_t>(got), 0};
    if (errno != EINTR) return {0, errno};
  }
}
}  // namespace

bool moved::would_block() const noexcept { return error == EAGAIN; }

moved receive_some(int socket, std::span<char> into) noexcept {
  return repeated([&] { return recv(socket, into.data(), into.size(), MSG_DONTWAIT); });
}

moved send_some(int socket, std::string_view bytes) noexcept {
  return repeated([&] { return send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
}

moved peek_some(int socket, std::span<char> into) noexcept {
  return repeated([&] { return recv(socket, into.data(), into.size(), MSG_DONTWAIT | MSG_PEEK); });
}

void finish_sending(int socket) noexcept { shutdown(socket, SHUT_WR); }

void set_receive_low_water(int socket, int bytes) noexcept {
  setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

moved tcp_stream::receive(std::span<char> into) noexcept { return receive_some(fd_.get(), into); }

moved tcp_stream::send(std::string_view bytes, bool more_follows) noexcept {
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
  return repeated([&] { return ::send(fd_.get(), bytes.data(), bytes.size(), flags); });
}

moved tcp_stream::send_file(int file, std::uint64_t& offset, std::size_t length) noexcept {
  auto at = static_cast<off_t>(offset);
  const moved result = repeated([&] { return sendfile(fd_.get(), file, &at, length); });
  offset = static_cast<std::uint64_t>(at);
  return result;
}

void tcp_stream::finish_sending() noexcept { net::finish_sending(fd_.get()); }

void tcp_stream::reset() noexcept {
  const linger at_once{1, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.reset();
}

std::uint64_t tcp_stream::acknowledged() const noexcept {
  tcp_info about{};
  socklen_t length = sizeof about;
  if (getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &about, &length) != 0) return 0;
  return about.tcpi_bytes_acked;
}

}  // namespace sampan::net
