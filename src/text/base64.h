// Base64 with padding, as fields and credentials carry bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sampan::text {

/// The bytes that a text of the alphabet with `+` and `/` stands for; empty for the empty text. Strict: groups of four, padding at
/// the end, no blanks or line ends, and unused bits zero, so that each sequence of bytes has one text only.
/// Cost: O(n). Thread: pure. Source: RFC 4648 3.2, 3.3, 3.5, 4.
std::optional<std::string> base64_decode(std::string_view text);

/// In one line, padded. Cost: O(n). Thread: pure. Source: RFC 4648 4.
std::string base64_encode(std::string_view bytes);

}  // namespace sampan::text
