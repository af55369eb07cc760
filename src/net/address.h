// Socket addresses, ports and host names.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/wait.h"
#include "sampan/error.h"

namespace sampan::net {

/// An IPv4 or IPv6 address with its port; 28 bytes. Default: 0.0.0.0:0.
class address {
 public:
  address() noexcept;
  /// From an IP literal: dotted quad, or IPv6 with an optional %zone; no brackets, no host names.
  /// @error errc::bad_address
  static result<address> from_ip(std::string_view text, std::uint16_t port);
  /// From what accept(2), getsockname(2) or getaddrinfo(3) gave; another family gives the default.
  static address from_system(const sockaddr* from, socklen_t length) noexcept;
  static address any_v4(std::uint16_t port) noexcept;
  static address any_v6(std::uint16_t port) noexcept;

  int family() const noexcept { return storage_.v4.sin_family; }
  std::uint16_t port() const noexcept;
  void set_port(std::uint16_t port) noexcept;
  const sockaddr* data() const noexcept { return &storage_.plain; }
  socklen_t size() const noexcept;

  /// The 4 or 16 bytes of the IP, in network order; they live as long as this.
  std::span<const unsigned char> ip_bytes() const noexcept;
  /// `127.0.0.1` or `fe80::1%eth0`.
  std::string ip() const;
  /// `127.0.0.1:7890` or `[::1]:7890`.
  std::string to_string() const;
  /// to_string() behind what there is, which costs no allocation where there is room.
  void append_to(std::string& out) const;

 private:
  void append_ip(std::string& out) const;

  union {
    sockaddr plain;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } storage_;
};

/// A whole number from `lowest` to 65535 in ASCII digits and nothing else. @error errc::bad_port
result<std::uint16_t> parse_port(std::string_view text, std::uint16_t lowest = 1);

/// Whether the text can name a host: an IP literal or a host name of ASCII letters, digits, `-`, `_` and dots. A name
/// of digits and dots alone that is no dotted quad (`127.0.0`) is refused: inet_aton would make 127.0.0.0 of it.
/// @error errc::bad_address
result<void> check_host(std::string_view text);

/// The addresses of this machine's network cards, without ports. Cost: system calls.
std::vector<address> own_addresses();

/// A host and its port.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;

  /// `HOST:PORT`, an IPv6 address in brackets.
  std::string to_string() const;
};
/// Splits `HOST:PORT`, `[V6]:PORT`, `HOST` or `[V6]` and checks both parts. @error errc::bad_address, errc::bad_port
result<endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);

enum class ip_family { any, v4, v6 };

/// All stream addresses of a host, in the resolver's order; IP literals ask nobody, and fail where the family is the other.
/// The resolver runs on a thread of its own, since it cannot be interrupted: it is left behind when time is up.
/// @error errc::bad_address, errc::resolve_failed (number: EAI_), errc::connect_timeout, errc::interrupted
result<std::vector<address>> resolve(const endpoint& where, const patience& until, ip_family family = ip_family::any);

}  // namespace sampan::net
