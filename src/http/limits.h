// How much of a request head is taken before it is refused.
#pragma once

#include <cstddef>

namespace sampan::http {

/// The most field lines a head may have room for, here and in request_head: browsers send 12 to 25, behind several proxies perhaps
/// 40. Each further line costs time in every loop over the fields.
constexpr std::size_t most_fields = 100;

struct limits {
  /// Bytes of the request target, beyond which the answer is 414. RFC 9112 3 recommends a request line of 8000 octets at least; a
  /// path of PATH_MAX, every byte percent-encoded, is 12 KiB, but no client in use gets that far with a name.
  std::size_t target_bytes = 8192;
  /// Bytes of a whole head with its line ends, beyond which the answer is 431: the longest target, and three times that for the
  /// fields (cookies of other services on the same host are usually below 8 KiB). Below 4 GiB.
  std::size_t head_bytes = 32768;
  /// Field lines, beyond which the answer is 431. Values over most_fields count as most_fields.
  std::size_t fields = most_fields;
};

}  // namespace sampan::http
