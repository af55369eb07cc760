// Which parts of a file are still to come, and who fetches which.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "client/intervals.h"

namespace sampan::client {

/// The parts of one file, shared out to connections ("lanes"). A lane holds one lease at a time, whose end may come nearer while others
/// join. Pure; not thread-safe.
class pieces {
 public:
  /// Nothing is known of the size.
  pieces() = default;
  pieces(std::uint64_t total, const intervals& held) : total_(total), held_(held) {}

  /// The size was told, or the end came.
  void set_total(std::uint64_t total) noexcept { total_ = total; }
  std::optional<std::uint64_t> total() const noexcept {
    return total_ == unknown ? std::nullopt : std::optional(total_);
  }

  /// Takes what begins at `from` and nobody has: for an answer that is there already.
  void take(unsigned lane, interval part);
  /// Shares out the next part: the first that nobody has; else half of what the slowest has to fetch; else, for the last bytes, the
  /// same part again, so that nobody waits for a lane that has gone to sleep. Nothing: no more to do for this lane.
  std::optional<interval> lease(unsigned lane);
  /// Where the lane's lease ends now; what it holds beyond was given to another, or has come otherwise.
  std::uint64_t limit(unsigned lane) const;
  /// Bytes of the lease are in place: it begins at `at` now.
  void advance(unsigned lane, std::uint64_t at);
  /// These bytes, of its lease, proved wrong: they are still to come.
  void forget(unsigned lane, interval part);
  /// The lane gives back what it has not fetched: to the lane that had it before, if that has not come to its end yet.
  void release(unsigned lane);
  bool complete() const;

  /// Below this no lease is split: another request would cost more than it brings.
  static constexpr std::uint64_t worth_splitting = 512 * 1024;

 private:
  static constexpr std::uint64_t unknown = UINT64_MAX;
  struct lease_of {
    unsigned lane;
    interval part;        // what is still to come of it
    std::uint64_t began;  // how it was given, for its speed
    unsigned order;
  };
  lease_of* find(unsigned lane);
  const lease_of* find(unsigned lane) const;
  std::optional<interval> first_free() const;

  std::uint64_t total_ = unknown;
  intervals held_;
  std::vector<lease_of> leases_;
  unsigned next_order_ = 0;
};

}  // namespace sampan::client
