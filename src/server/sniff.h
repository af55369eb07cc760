// What protocol a client of the one port speaks, told from its first bytes. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace sampan::serving {

/// A bare name is complete after this much quiet when it came in one segment: the peers of the protocol send it at once.
constexpr std::chrono::milliseconds quiet_one_segment{50};
/// … and after this much when it came in several: somebody types, or the network is slow.
constexpr std::chrono::milliseconds quiet_several_segments{500};
/// … and after this much while it may still become an HTTP request line: a client that drips it is answered as HTTP.
constexpr std::chrono::milliseconds quiet_method_line{2000};
/// The longest bare name in bytes: PATH_MAX, so that every name the kernel can open fits.
constexpr std::size_t longest_name = 4096;

/// What has come so far, and how.
struct first_bytes {
  std::string_view bytes;
  unsigned segments = 1;  ///< receives that brought bytes
  bool ended = false;     ///< the client has shut down its side
  bool quiet = false;     ///< the quiet time asked for has passed without a byte
};

enum class protocol { undecided, bare_name, name_too_long, http, tls };

struct sniffed {
  protocol kind = protocol::undecided;
  std::string_view name;               ///< bare_name: what was asked for, may be empty
  std::chrono::milliseconds quiet{0};  ///< undecided: how long to wait for more
};

/// Decides, or says how long to wait. The answer depends on the bytes, not on how they were split, but for a line end
/// that is the last byte received: there a bare name ends at once.
/// Cost: O(length of the first line). Thread: pure. Source: the tutorial's programs; RFC 9112 2.2, 3.
sniffed sniff(const first_bytes& seen);

}  // namespace sampan::serving
