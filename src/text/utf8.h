// UTF-8: one character at a time, strictly, and how wide text stands on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sampan::text {

/// What the first bytes of a text are.
enum class utf8_status {
  ok,          ///< one whole character
  incomplete,  ///< the beginning of a character whose rest may still come
  invalid,     ///< no character begins like this
};

/// One decoding step.
struct utf8_char {
  utf8_status status;
  char32_t code_point;  ///< the character when ok, else 0
  std::size_t length;   ///< bytes it takes when ok (1-4); when incomplete all that are there (0-3); when invalid 1
};

/// Decodes the character at the start of `bytes`. Overlong forms, surrogates and values over U+10FFFF are invalid.
/// A sequence that breaks off inside is invalid in its first byte alone, so whoever skips `length` bytes never swallows an ASCII byte.
/// @param bytes  may be empty (incomplete, length 0).
/// Cost: O(1). Thread: pure. Source: RFC 3629 section 4.
utf8_char decode_utf8(std::string_view bytes) noexcept;

/// True when all of `bytes` are whole characters. Cost: O(n). Thread: pure. Source: RFC 3629.
bool is_utf8(std::string_view bytes) noexcept;

/// Appends `code_point` as UTF-8.
/// @param code_point  at most U+10FFFF and no surrogate (asserted: it never comes from a peer unchecked).
void append_utf8(std::string& out, char32_t code_point);

/// Columns that `utf8` takes on a terminal: 2 for East Asian wide and full-width characters and emoji, 0 for combining marks, 1 for
/// everything else, a byte that is no UTF-8 included. Controls count 1: escape before measuring (text/escape.h).
/// Cost: O(n log t), t = table of about 80 ranges. Thread: pure. Source: UAX #11; ambiguous characters are narrow.
std::size_t display_width(std::string_view utf8) noexcept;

}  // namespace sampan::text
