// Bytes as people type them in hexadecimal, and as dumps show them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sampan::text {

/// Bytes from pairs of digits, in either case; blanks and commas may stand between pairs, and `0x` before one: `02 45`, `0245`, `0x02,0x45`.
/// None: anything else, half a pair too. Cost: O(n). Thread: pure.
std::optional<std::string> typed_hex(std::string_view digits);

/// Lines of 16 bytes: `00000000  c4 e3 ba c3 0a                                    |.....|`. A byte that is no printable ASCII is a dot, so that
/// the result is safe on any terminal. @param offset  of the first byte. Cost: O(n). Thread: pure.
std::string hex_dump(std::string_view bytes, std::uint64_t offset = 0);

}  // namespace sampan::text
