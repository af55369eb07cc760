// Percent-encoding of URLs.
#pragma once

#include <string>
#include <string_view>

namespace sampan::text {

/// Replaces every `%XX` by its byte. A `%` without two hex digits after it stays as it is, as browsers do it: a name typed by hand
/// (`100%.txt`) is then still found. `+` stays a plus: it means a blank in forms only. The result may hold any byte, NUL included.
/// Cost: O(n). Thread: pure. Source: RFC 3986 2.1; WHATWG URL, "percent-decode".
std::string percent_decode(std::string_view encoded);

/// Encodes one component of a path: all but letters, digits and `-._~`; so `/`, `%` and every byte from 0x80 become `%XX` (capitals).
/// percent_decode() gives the same bytes back. Cost: O(n). Thread: pure. Source: RFC 3986 2.3.
std::string percent_encode(std::string_view component);

}  // namespace sampan::text
