#include "server/admission.h"

#include <cstring>
#include <string_view>

namespace sampan::serving {

admission::admission(std::size_t in_all, std::size_t per_address, on_refused say)
    : in_all_(in_all), per_address_(per_address), say_(std::move(say)) {}

std::size_t admission::hash::operator()(const key& ip) const noexcept {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(ip.data()), ip.size()});
}

admission::key admission::key_of(const net::address& peer) {
  key ip{};
  if (peer.family() == AF_INET6) {
    std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in6*>(peer.data())->sin6_addr, 16);
  } else {
    std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in*>(peer.data())->sin_addr, 4);
  }
  return ip;
}

bool admission::enter(const net::address& peer) {
  const std::lock_guard lock(mutex_);
  if (count_ < in_all_) {
    std::size_t& of_address = by_address_[key_of(peer)];
    if (of_address < per_address_) {
      ++of_address;
      ++count_;
      return true;
    }
  }
  refuse(peer);
  return false;
}

void admission::leave(const net::address& peer) {
  const std::lock_guard lock(mutex_);
  --count_;
  const auto found = by_address_.find(key_of(peer));
  if (--found->second == 0) by_address_.erase(found);
}

void admission::refuse(const net::address& peer) {
  ++refused_;
  last_refused_ = peer.to_string();
  tell();
}

bool admission::tell() {
  if (refused_ == 0) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < log_interval) return false;
  told_ = now;
  say_(refused_, last_refused_);
  refused_ = 0;
  return true;
}

bool admission::flush() {
  const std::lock_guard lock(mutex_);
  return tell();
}

}  // namespace sampan::serving
