// Status codes and their reason phrases.
#pragma once

#include <string_view>

namespace sampan::http {

/// The phrase for a status code that this server sends; `Unknown` for any other.
/// Thread: pure. Source: RFC 9110 15; RFC 6585 for 429 and 431.
std::string_view reason_phrase(int status) noexcept;

}  // namespace sampan::http
