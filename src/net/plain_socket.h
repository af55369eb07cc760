// The socket calls of the course one by one, each with the kernel's own answer: for experiments.
// Who serves or downloads uses listener.h and connect.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/unique_fd.h"
#include "net/address.h"
#include "net/socket_table.h"
#include "net/tcp_stream.h"
#include "net/wait.h"

namespace sampan::net::calls {

enum class transport { tcp, udp };

// IPv4. What returns an int returns errno, 0 when all is well. Nothing blocks, but for connect().
base::unique_fd open(transport how);
void allow_reuse(int fd);
int bind(int fd, const address& where);
int listen(int fd, int backlog);
/// Asks and does not wait: EINPROGRESS where there is no answer yet.
int begin_connect(int fd, const address& where);
/// Waits as a blocking connect(2) does, but ETIMEDOUT comes when `until` is over.
int connect(int fd, const address& where, const patience& until);

struct accepted {
  base::unique_fd fd;
  address peer;
  int error = 0;  ///< errno when there is no `fd`
};
accepted accept(int fd);

moved send(int fd, std::string_view bytes);
moved send_to(int fd, std::string_view bytes, const address& where);
/// 0.0.0.0:0 for a socket that has none yet.
address local_address(int fd);

/// What the kernel counted for one TCP connection since it began (TCP_INFO, tcp(7)).
struct counters {
  tcp_state state = tcp_state::closed;
  std::uint32_t segments_sent = 0;
  std::uint32_t segments_received = 0;
  std::uint32_t data_segments_sent = 0;
  std::uint64_t bytes_acknowledged = 0;
};
std::optional<counters> count(int fd);

}  // namespace sampan::net::calls
