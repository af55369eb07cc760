#include "net/datagram.h"

#include <sys/socket.h>

#include <cerrno>

namespace sampan::net {

namespace {
// As many as fit into a turn without keeping the others waiting for more than about a millisecond.
constexpr int datagrams_per_turn = 64;
}  // namespace

datagram_door::datagram_door(loop& where, base::unique_fd socket, on_datagram take, std::function<void()> writable)
    : loop_(where), socket_(std::move(socket)), take_(std::move(take)), writable_(std::move(writable)) {
  if (const int number = loop_.watch(socket_.get(), *this)) {
    throw failure(error::system(number, "watch", "a socket"));
  }
}

datagram_door::~datagram_door() { loop_.forget(*this); }

moved datagram_door::send(const address& to, std::string_view bytes) noexcept {
  const ssize_t sent =
      sendto(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to.data(), to.size());
  return sent >= 0 ? moved{static_cast<std::size_t>(sent), 0} : moved{0, errno};
}

void datagram_door::on_ready(std::uint32_t events) {
  if ((events & ready_to_write) != 0) writable_();
  for (int i = 0; i < datagrams_per_turn; ++i) {
    if (!take_one()) return;
  }
  loop_.again(*this);
}

bool datagram_door::take_one() {
  sockaddr_in6 from{};
  socklen_t length = sizeof from;
  const ssize_t got = recvfrom(socket_.get(), scratch_.data(), scratch_.size(), MSG_DONTWAIT,
                               reinterpret_cast<sockaddr*>(&from), &length);
  if (got < 0) return errno != EAGAIN && errno != EBADF;  // what else there is concerns one datagram
  take_(*this, address::from_system(reinterpret_cast<sockaddr*>(&from), length),
        {scratch_.data(), static_cast<std::size_t>(got)});
  return true;
}

}  // namespace sampan::net
