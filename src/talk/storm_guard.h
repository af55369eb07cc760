// Keeps two programs that answer each other from doing so for ever.
#pragma once

#include <chrono>
#include <utility>

namespace sampan::talk {

/// Counts automatic replies to one peer. Dropping a single one ends a loop, since both then wait; so there is no pause afterwards.
/// Thread: one at a time.
class storm_guard {
 public:
  using clock = std::chrono::steady_clock;
  /// The window in which replies are counted: long enough that a person's or a device's short burst passes.
  static constexpr std::chrono::seconds window{10};

  /// @param most  replies within the window; 0: any number
  explicit storm_guard(unsigned most) noexcept : most_(most) {}

  /// Whether one more reply may go out now; it is then counted.
  bool allows(clock::time_point now) noexcept {
    if (most_ == 0) return true;
    if (count_ == 0 || now - began_ >= window) {
      began_ = now;
      count_ = 0;
      told_ = false;
    }
    if (count_ == most_) return false;
    ++count_;
    return true;
  }
  /// True once a window, so that what was dropped is told once.
  bool tells() noexcept { return !std::exchange(told_, true); }

 private:
  unsigned most_;
  unsigned count_ = 0;
  bool told_ = false;
  clock::time_point began_{};
};

}  // namespace sampan::talk
