// Content-Range: which part of the whole an answer holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sampan::http {

/// Bytes `first` to `last`, both included; first <= last, and last < size where the size is told. All below 10^18.
struct content_range {
  std::uint64_t first = 0, last = 0;
  std::optional<std::uint64_t> size;  ///< of the whole; nothing for `*`
  bool operator==(const content_range&) const = default;
};

/// Reads `bytes 0-4/10`. Tolerated, since servers send it and it can mean nothing else: `bytes=0-4/10`, no unit, blanks more or
/// fewer around the parts. Nothing for all else: other units, signs, numbers of more than 18 digits, an end before the begin or
/// beyond the size. No number is reckoned with before it is checked.
/// Cost: O(n). Thread: pure. Source: RFC 9110 14.4.
std::optional<content_range> parse_content_range(std::string_view value) noexcept;

/// What a 416 says.
struct unsatisfied_range {
  std::optional<std::uint64_t> size;  ///< of the whole; nothing for `bytes */*`, which says nothing
};

/// Reads `bytes */10` with the same tolerance. Cost: O(n). Thread: pure. Source: RFC 9110 14.4, 15.5.17.
std::optional<unsatisfied_range> parse_unsatisfied_range(std::string_view value) noexcept;

}  // namespace sampan::http
