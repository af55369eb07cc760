// The patience of one connection: how long it may take, what ends it, and who is told how it gets on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "net/wait.h"
#include "sampan/error.h"

namespace sampan::client {

/// A rate that several connections share: tokens that come with time, at most a quarter of a second's. Thread: any.
class rate_limit {
 public:
  /// @param bytes_per_second  0: no limit
  explicit rate_limit(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}
  bool limits() const noexcept { return rate_ > 0; }
  /// How much may be received at once; small enough for an even flow.
  std::uint64_t portion() const noexcept;
  /// How long to wait after so many bytes came.
  std::chrono::milliseconds pause_after(std::uint64_t bytes);

 private:
  const std::uint64_t rate_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point free_at_{};
};

/// Waits for one connection in short turns, and says when it is enough. Thread: one, but stop() from any.
class watch {
 public:
  struct limits {
    std::chrono::milliseconds connect, idle;
    std::uint64_t low_speed = 0;
    std::chrono::milliseconds low_speed_time{};
    int interrupt_fd = -1;
  };
  /// @param on_glance  now and then while bytes come or are waited for; an error ends the wait with it
  watch(const limits& bounds, rate_limit& rate, std::function<result<void>()> on_glance)
      : bounds_(bounds), rate_(rate), on_glance_(std::move(on_glance)) {}

  /// Until when a connection may take to come about.
  net::patience connecting() const { return net::patience::lasting(bounds_.connect, bounds_.interrupt_fd); }
  /// A new request: the time without a byte, and the speed, count from now.
  void begin();
  /// Waits until the socket is ready, or for a moment. @param subject  for errors @return  whether it is ready
  /// @error reply_timeout (nothing has come since begin()), stalled, interrupted; what on_glance says
  result<bool> wait(int socket, short events, const std::string& subject);
  /// Bytes came. @error as wait()
  result<void> came(std::uint64_t bytes, const std::string& subject);
  /// That long, unless it is interrupted. @error interrupted; what on_glance says
  result<void> pause(std::chrono::milliseconds length, const std::string& subject);
  std::uint64_t portion() const noexcept { return rate_.portion(); }
  /// From now on a wait that would last beyond `until` fails (stalled), and hurried() tells; nothing: as before.
  void hurry(std::optional<std::chrono::steady_clock::time_point> until) { hurry_until_ = until; }
  bool hurried() const noexcept { return hurry_until_ && std::chrono::steady_clock::now() >= *hurry_until_; }

 private:
  using clock = std::chrono::steady_clock;
  result<void> glance(clock::time_point now, const std::string& subject);

  limits bounds_;
  rate_limit& rate_;
  std::function<result<void>()> on_glance_;
  bool any_ = false;
  std::optional<std::chrono::steady_clock::time_point> hurry_until_;
  clock::time_point last_byte_{}, last_glance_{}, window_began_{};
  std::uint64_t window_bytes_ = 0;
};

}  // namespace sampan::client
