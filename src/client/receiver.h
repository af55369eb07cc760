// Bytes from a socket into a file with as little work as possible.
#pragma once

#include <cstdint>
#include <vector>

#include "base/unique_fd.h"
#include "client/target.h"

namespace sampan::client {

/// Moves what a socket has to a target: through a pipe by splice(2), where the kernel only passes pages on; where the target does
/// not take that (terminals, files opened for appending), by recv and write. Figures: docs/benchmarks.md. Thread: one.
class receiver {
 public:
  explicit receiver(int socket);

  enum class step { moved, drained, ended };
  /// Moves one portion, at most `most` bytes (more than 0). `drained`: wait for readability.
  /// @error connection_reset; errc::system: the target's trouble (operation `write`) or the socket's (`receive from`)
  result<step> move(target& into, std::uint64_t most = UINT64_MAX);

  /// How much should be there before poll(2) calls the socket readable: fewer, larger portions.
  static constexpr int worthwhile = 512 * 1024;

 private:
  result<step> splice_some(target& into, std::size_t most);
  result<step> copy_some(target& into, std::size_t most);
  result<void> empty_pipe(target& into, std::size_t bytes);

  int socket_;
  base::unique_fd pipe_out_;
  base::unique_fd pipe_in_;
  std::vector<char> buffer_;
};

}  // namespace sampan::client
