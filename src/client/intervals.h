// Which bytes of a file are there: a set of places.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace sampan::client {

/// Bytes of a file, half-open: `begin` is in, `end` is not.
struct interval {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool empty() const noexcept { return begin >= end; }
  bool operator==(const interval&) const = default;
};

/// A set of bytes, kept as the fewest intervals: sorted, none empty, none touching the next. A download holds few: one for each
/// gap that is being filled. Cost: O(n) for a change, O(log n) for a question. Thread: like a vector.
class intervals {
 public:
  void add(interval added);
  void remove(interval removed);
  void clear() noexcept { all_.clear(); }

  /// Whether all bytes of it are in; true for an empty one.
  bool covers(interval asked) const;
  /// How many bytes are in. Cost: O(n).
  std::uint64_t bytes() const;
  /// The first bytes within [from, to) that are not in; {to, to} if all are.
  interval first_gap(std::uint64_t from, std::uint64_t to) const;
  const std::vector<interval>& all() const& noexcept { return all_; }
  std::vector<interval> all() && { return std::move(all_); }  // a loop over a copy's must not outlive it

  bool operator==(const intervals&) const = default;

 private:
  std::vector<interval> all_;
};

}  // namespace sampan::client
