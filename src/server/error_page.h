// The page that goes with an error status.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sampan::serving {

/// Of a path so many bytes are shown: enough to know it again, while a request line may hold 8,000 of them, and each may take six.
constexpr std::size_t longest_shown_path = 200;

/// A page in HTML: the status, its reason, and what was asked for. Sent with page_policy (server/page.h).
/// @param status      the three digits.
/// @param reason      the phrase, e.g. "Not Found".
/// @param shown_path  any bytes, escaped here; over longest_shown_path it is cut before a character and ends in `…`. Empty: no path is
///                    shown.
/// Cost: O(longest_shown_path). Thread: pure.
std::string error_page(int status, std::string_view reason, std::string_view shown_path);

}  // namespace sampan::serving
