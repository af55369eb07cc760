// Caps on connections: how many at once, in all and from one address.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "net/address.h"

namespace sampan::serving {

/// Counts connections. Thread: any; one lock for a connection's begin and end, none for what happens between.
class admission {
 public:
  static constexpr std::chrono::milliseconds log_interval{1000};
  using on_refused = std::function<void(std::size_t count, const std::string& last_peer)>;
  admission(std::size_t in_all, std::size_t per_address, on_refused say);

  /// Whether the client may stay; then leave() must follow. A refusal is counted, and told at most once a second;
  /// then flush() is to be called until nothing is left.
  bool enter(const net::address& peer);
  void leave(const net::address& peer);
  /// Tells of refusals not told yet, unless the last line is less than a second old. Returns whether none are left.
  bool flush();

 private:
  using key = std::array<unsigned char, 16>;
  struct hash {
    std::size_t operator()(const key& ip) const noexcept;
  };
  static key key_of(const net::address& peer);
  void refuse(const net::address& peer);
  bool tell();

  const std::size_t in_all_;
  const std::size_t per_address_;
  const on_refused say_;

  std::mutex mutex_;
  std::size_t count_ = 0;
  std::unordered_map<key, std::size_t, hash> by_address_;
  std::size_t refused_ = 0;
  std::string last_refused_;
  std::chrono::steady_clock::time_point told_{};
};

}  // namespace sampan::serving
