#include "net/listener.h"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>

namespace sampan::net {

namespace {

error listen_error(int number, const char* operation, const address& where) {
  if (number == EADDRINUSE) {
    return error::make(errc::port_in_use, operation, where.to_string(), port_holder(where.port()));
  }
  return error::system(number, operation, where.to_string());
}

void set_flag(int fd, int level, int name) {
  const int on = 1;
  setsockopt(fd, level, name, &on, sizeof on);
}

result<base::unique_fd> bind_one(address& where, bool joins, int type) {
  base::unique_fd fd(socket(where.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return listen_error(errno, "open a socket for", where);
  const bool stream = type == SOCK_STREAM;
  if (stream) set_flag(fd.get(), SOL_SOCKET, SO_REUSEADDR);  // else old connections in TIME-WAIT would block a restart
  // Inherited by the clients' sockets. What belongs together is joined by MSG_MORE; the last segment must not wait for the
  // acknowledgement of the one before, which a peer may delay by 40 ms.
  if (stream) set_flag(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  if (where.family() == AF_INET6) set_flag(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (joins) set_flag(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  if (bind(fd.get(), where.data(), where.size()) != 0) return listen_error(errno, "listen on", where);
  if (stream && !joins) set_flag(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  sockaddr_in6 real{};
  socklen_t length = sizeof real;
  if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&real), &length) != 0) {
    return listen_error(errno, "listen on", where);
  }
  where = address::from_system(reinterpret_cast<sockaddr*>(&real), length);
  return fd;
}

result<std::vector<bound_address>> bind_each(std::vector<address> wanted, std::size_t workers, bool v6_may_lack,
                                             int type) {
  std::vector<bound_address> bound;
  for (address& where : wanted) {
    if (where.port() == 0 && !bound.empty()) where.set_port(bound.front().where.port());
    bound_address one;
    for (std::size_t i = 0; i < workers; ++i) {
      auto fd = bind_one(where, i != 0, type);
      if (!fd) {
        const bool lacking = fd.error().is_system(EAFNOSUPPORT) || fd.error().is_system(EADDRNOTAVAIL);
        if (v6_may_lack && lacking && where.family() == AF_INET6) break;
        return fd.error();
      }
      one.sockets.push_back(std::move(*fd));
    }
    one.where = where;
    if (!one.sockets.empty()) bound.push_back(std::move(one));
  }
  return bound;
}

}  // namespace

result<std::vector<bound_address>> bind_listeners(const std::vector<std::string>& ips, std::uint16_t port,
                                                  std::size_t workers, int type) {
  std::vector<address> wanted;
  for (const std::string& ip : ips) {
    auto where = address::from_ip(ip, port);
    if (!where) return where.error();
    wanted.push_back(*where);
  }
  const bool all = wanted.empty();
  if (all) wanted = {address::any_v4(port), address::any_v6(port)};
  // Somebody may hold the free port that the first address got on the second one: ask for another then.
  constexpr int tries = 16;
  for (int i = 1;; ++i) {
    auto bound = bind_each(wanted, workers, all, type);
    if (bound || port != 0 || i == tries || bound.error().code() != errc::port_in_use) return bound;
  }
}

result<void> start_listening(const base::unique_fd& socket, const address& where, int backlog) {
  if (listen(socket.get(), backlog) == 0) return {};
  return listen_error(errno, "listen on", where);
}

acceptor::acceptor(loop& where, deadline_list& retry, base::unique_fd socket, on_client take, on_trouble say)
    : loop_(where), retry_(retry), socket_(std::move(socket)), take_(std::move(take)), say_(std::move(say)) {
  if (const int number = loop_.watch(socket_.get(), *this)) {
    throw failure(error::system(number, "watch", "a listening socket"));
  }
}

acceptor::~acceptor() { loop_.forget(*this); }

void acceptor::finish() {
  // Bounded, so that a stream of new clients cannot hold up the end.
  for (int i = 0; i < SOMAXCONN && take_one(); ++i) {
  }
  loop_.forget(*this);
  socket_.reset();
}

void acceptor::on_ready(std::uint32_t) { take_clients(); }

void acceptor::take_clients() {
  // As many as fit into a turn without keeping the others waiting for more than about a millisecond.
  constexpr int clients_per_turn = 64;
  for (int i = 0; i < clients_per_turn; ++i) {
    if (!take_one()) return;
  }
  loop_.again(*this);
}

// Returns whether there may be more.
bool acceptor::take_one() {
  sockaddr_in6 peer{};
  socklen_t length = sizeof peer;
  const int fd = accept4(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    if (in_trouble_) say_(0);
    in_trouble_ = false;
    take_(base::unique_fd(fd), address::from_system(reinterpret_cast<sockaddr*>(&peer), length));
    return true;
  }
  switch (errno) {
    case EAGAIN:
    case EBADF: return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      if (!in_trouble_) say_(errno);
      in_trouble_ = true;
      retry_.arm(*this);
      return false;
    default: return true;  // accept(2): errors of the connection itself are to be passed over like EAGAIN
  }
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised{limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

}  // namespace sampan::net
