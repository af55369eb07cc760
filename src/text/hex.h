// Bytes as hexadecimal digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sampan::text {

/// What a digit stands for, in either case; -1 if it is none. Cost: O(1). Thread: pure. Source: RFC 4648 8.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The bytes of pairs of digits, in either case, with nothing between them; nothing for any other text.
/// Cost: O(n). Thread: pure. Source: RFC 4648 8.
std::optional<std::string> hex_decode(std::string_view digits);

/// Two small digits a byte. Cost: O(n). Thread: pure. Source: RFC 4648 8.
std::string hex_encode(std::string_view bytes);

}  // namespace sampan::text
