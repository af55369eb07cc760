#include "net/plain_socket.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace sampan::net::calls {

namespace {
int errno_of(int returned) { return returned == 0 ? 0 : errno; }
moved moved_by(ssize_t returned) {
  return returned >= 0 ? moved{static_cast<std::size_t>(returned), 0} : moved{0, errno};
}
}  // namespace

base::unique_fd open(transport how) {
  const int type = how == transport::tcp ? SOCK_STREAM : SOCK_DGRAM;
  return base::unique_fd(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void allow_reuse(int fd) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

int bind(int fd, const address& where) { return errno_of(::bind(fd, where.data(), where.size())); }
int listen(int fd, int backlog) { return errno_of(::listen(fd, backlog)); }
int begin_connect(int fd, const address& where) { return errno_of(::connect(fd, where.data(), where.size())); }

int connect(int fd, const address& where, const patience& until) {
  const int number = begin_connect(fd, where);
  if (number != EINPROGRESS) return number;
  switch (wait_for(fd, POLLOUT, until)) {
    case waited::timeout: return ETIMEDOUT;
    case waited::interrupted: return EINTR;
    case waited::ready: break;
  }
  int failure = 0;
  socklen_t length = sizeof failure;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length);
  return failure;
}

accepted accept(int fd) {
  accepted got;
  sockaddr_in peer{};
  socklen_t length = sizeof peer;
  got.fd.reset(accept4(fd, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!got.fd) got.error = errno;
  if (got.fd) got.peer = address::from_system(reinterpret_cast<sockaddr*>(&peer), length);
  return got;
}

moved send(int fd, std::string_view bytes) { return moved_by(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL)); }

moved send_to(int fd, std::string_view bytes, const address& where) {
  return moved_by(::sendto(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL, where.data(), where.size()));
}

address local_address(int fd) {
  sockaddr_in own{};
  socklen_t length = sizeof own;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) != 0) return {};
  return address::from_system(reinterpret_cast<sockaddr*>(&own), length);
}

std::optional<counters> count(int fd) {
  tcp_info about{};
  socklen_t length = sizeof about;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &about, &length) != 0) return std::nullopt;
  return counters{static_cast<tcp_state>(about.tcpi_state), about.tcpi_segs_out, about.tcpi_segs_in,
                  about.tcpi_data_segs_out, about.tcpi_bytes_acked};
}

}  // namespace sampan::net::calls
