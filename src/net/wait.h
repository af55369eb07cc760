// Waiting for one descriptor on a thread that has nothing else to do: how the clients (get, talk) block.
#pragma once

#include <poll.h>

#include <chrono>

namespace sampan::net {

/// How long to wait, and what else ends the wait.
struct patience {
  /// steady_clock::time_point::max() means for ever.
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  /// A descriptor that becomes readable when the user has had enough (a signalfd); -1: none. It is not read from.
  int interrupt_fd = -1;

  static patience lasting(std::chrono::milliseconds length, int interrupt_fd = -1) {
    return {std::chrono::steady_clock::now() + length, interrupt_fd};
  }
};

enum class waited { ready, timeout, interrupted };

/// Waits until `fd` has one of `events` (POLLIN, POLLOUT; errors and hang-ups count as ready).
waited wait_for(int fd, short events, const patience& limits);

/// poll(2) over several descriptors with the same limits; `revents` are filled in. An interrupt wins over readiness.
waited wait_for_any(pollfd* first, nfds_t count, const patience& limits);

}  // namespace sampan::net
