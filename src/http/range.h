// Which bytes of a representation a Range field selects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sampan::http {

/// Bytes `first` to `last`, both included; first <= last.
struct byte_range {
  std::uint64_t first = 0, last = 0;
  std::uint64_t length() const noexcept { return last - first + 1; }
  bool operator==(const byte_range&) const = default;
};

/// A request for more ranges than this is answered whole. A client that fills holes or reads an index asks for a few; each range
/// costs a part head of 100 bytes, and hundreds of them are what an attack looks like (RFC 9110 17.15).
constexpr std::size_t most_ranges = 64;

enum class selection {
  whole,          ///< the field is to be ignored: 200
  partial,        ///< 206
  unsatisfiable,  ///< 416
};

/// Reads a Range value against a representation of known size. Ignored are other units (`bytes` counts without case), what is
/// malformed, and more than most_ranges ranges. Blanks around members and empty members are accepted; numbers may have any length.
/// Two choices where RFC 9110 leaves one: a range that ends before it begins makes the whole field unsatisfiable; and an empty
/// representation is sent whole to whoever asks for its begin (`0-`, `0-128`) or its end (`-5`).
/// @param size  bytes, 0 allowed
/// @param out   cleared; with `partial` at least one range, in the order of the request, each first <= last < size. Those that overlap
///              or touch are one range at the place of the earliest, so that the sum is never over the size.
/// Cost: O(length of the value + ranges^2). Thread: pure. Source: RFC 9110 14.1.1, 14.1.2, 14.2, 15.3.7.2.
selection select_ranges(std::string_view value, std::uint64_t size, std::vector<byte_range>& out);

}  // namespace sampan::http
