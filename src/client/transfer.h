// The bytes of a file from a connection into its target, with the stall deadline, the progress and the interruptions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/peer.h"
#include "client/receiver.h"
#include "client/target.h"

namespace sampan::client {

/// One body. Every byte that came and can be trusted is in the target, also after an error. One call for each object. Thread: one.
/// @error (of all calls) stalled, connection_reset, interrupted; errc::system: the target's trouble (operation `write`) or the socket's
class transfer {
 public:
  transfer(const peer& server, int socket, target& into) : server_(server), socket_(socket), into_(into) {}

  /// All bytes until the peer's end.
  /// @param came  bytes of the body that were received before
  result<void> until_end(std::string_view came);
  /// That many bytes; those behind them are not taken. @error cut_short
  result<void> exactly(std::uint64_t length, std::string_view came);
  /// The body within a chunked one. @param came  is changed @error cut_short, malformed_answer
  result<void> chunked(std::string came);

  /// What was announced; nothing where no size was.
  std::optional<std::uint64_t> size() const noexcept { return size_; }
  /// Whether bytes behind the body were seen. Some may come later, and then nobody sees them.
  bool surplus() const noexcept { return surplus_; }

 private:
  result<void> repeat(const std::function<result<receiver::step>()>& move);

  const peer& server_;
  int socket_;
  target& into_;
  std::optional<std::uint64_t> size_;
  bool surplus_ = false;
};

}  // namespace sampan::client
