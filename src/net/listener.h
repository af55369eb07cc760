// Listening sockets: binding them so that no second process can join, and taking clients from them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "net/address.h"
#include "net/loop.h"

namespace sampan::net {

/// One bound address with a socket for each worker; none of them listens yet.
struct bound_address {
  address where;                         ///< with the real port
  std::vector<base::unique_fd> sockets;  ///< non-blocking, close-on-exec, one a worker
};

/// Binds IP literals; with none given, all IPv4 and (where the kernel has it) all IPv6 addresses, on one port.
/// Port 0 takes any free one, the same for all addresses.
/// The first socket of an address is bound without SO_REUSEPORT: with it a second process would bind silently and steal
/// half of the clients. Then the option is set and the other workers join.
/// @error errc::bad_address; errc::port_in_use (detail: the holder, where /proc tells); errc::system
/// @param type  SOCK_STREAM, or SOCK_DGRAM with one worker: then the sockets are ready as they are
result<std::vector<bound_address>> bind_listeners(const std::vector<std::string>& ips, std::uint16_t port,
                                                  std::size_t workers, int type = SOCK_STREAM);

/// Makes a bound socket passive. @error errc::port_in_use, errc::system
result<void> start_listening(const base::unique_fd& socket, const address& where, int backlog);

/// Takes clients from one listening socket, on a loop. When descriptors or memory run out it says so once, tries again
/// four times a second, and says when it is over; it never spins. Thread: the loop's.
class acceptor final : public handler {
 public:
  using on_client = std::function<void(base::unique_fd, const address&)>;
  /// @param number  errno of what ran out; 0: clients are taken again.
  using on_trouble = std::function<void(int number)>;

  acceptor(loop& where, deadline_list& retry, base::unique_fd socket, on_client take, on_trouble say);
  ~acceptor() override;

  /// Takes whoever is queued already (closing a socket resets those), then closes it.
  void finish();

  static constexpr milliseconds retry_after{250};

 private:
  void on_ready(std::uint32_t events) override;
  void on_deadline() override { take_clients(); }
  void take_clients();
  bool take_one();

  loop& loop_;
  deadline_list& retry_;
  base::unique_fd socket_;
  on_client take_;
  on_trouble say_;
  bool in_trouble_ = false;
};

/// Who listens on a TCP port of this machine, as `name (pid N)`; empty where /proc does not tell.
std::string port_holder(std::uint16_t port);

/// Raises the soft limit of open descriptors to the hard one, and returns the limit.
std::size_t raise_descriptor_limit();

}  // namespace sampan::net
