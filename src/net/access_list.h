// Who may connect: networks that are allowed and denied.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace sampan::net {

/// A network: `10.0.0.0/8`, `2001:db8::/32`; an address alone is a network of one. An IPv4-mapped IPv6 address is its IPv4 address.
class network {
 public:
  /// @error errc::bad_address: no IP literal, or a length that is no number within its bits
  static result<network> parse(std::string_view text);
  explicit network(const address& one);
  bool contains(const address& one) const noexcept;

 private:
  std::array<unsigned char, 16> prefix_{};  // IPv4 as IPv4-mapped
  int bits_ = 128;
};

/// A denied address is refused; with allowed networks, one that is in none of them is, too. Thread: pure.
struct access_list {
  std::vector<network> allowed;
  std::vector<network> denied;
  bool admits(const address& one) const noexcept;
};

/// Adds what is written, in words separated by blanks, commas or line ends: networks and host names, which are resolved now, all their addresses.
/// @error as network::parse() and resolve()
result<void> add_networks(std::vector<network>& list, std::string_view words, const patience& until);

}  // namespace sampan::net
