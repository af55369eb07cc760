// Content-Disposition: the file name that a server proposes.
#pragma once

#include <string>
#include <string_view>

namespace sampan::http {

/// Longer values name no file: 255 bytes, every one percent-encoded, are 765.
constexpr std::size_t longest_disposition = 8 * 1024;

/// The name in UTF-8, not yet made safe: it may hold slashes, dots and control characters, but no NUL. Empty if there is none.
///
/// `filename*` (in UTF-8 or ISO-8859-1) goes before `filename`, unless it is broken. A `filename` that is no UTF-8 is taken as
/// ISO-8859-1. One with an encoded word (`=?UTF-8?B?…?=`) is no name: RFC 2047 5 forbids it there, and nobody knows what is meant.
/// Tolerated: a missing disposition type, empty parameters, values with blanks and without quotes. Of parameters that are
/// repeated the first counts.
/// Cost: O(n), at most longest_disposition. Thread: pure. Source: RFC 6266 4, D; RFC 8187 3.2.
std::string disposition_file_name(std::string_view field_value);

}  // namespace sampan::http
