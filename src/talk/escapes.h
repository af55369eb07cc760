// Typed escapes: the bytes that no keyboard has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sampan/error.h"
#include "text/encoder.h"

namespace sampan::talk {

/// Text, or bytes that are sent as they are whatever the encoding.
struct typed_piece {
  bool raw;
  std::string bytes;
  bool operator==(const typed_piece&) const = default;
};

/// Takes `\xHH`, `\r`, `\n`, `\t`, `\0` and `\\` (which stands for one backslash of text) out of a text.
/// @error errc::bad_value: another character behind a backslash, or none; subject: the escape. Cost: O(n). Thread: pure.
result<std::vector<typed_piece>> read_escapes(std::string_view typed);

/// The same as bytes for the wire, appended to `out`; on an error nothing is. @error as read_escapes() and encoder::encode()
result<void> encode_escaped(std::string_view typed, text::encoder& encoder, std::string& out);

}  // namespace sampan::talk
