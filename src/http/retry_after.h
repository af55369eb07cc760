// Retry-After: when a server wants to be asked again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sampan::http {

/// No answer is longer than this: a server that names a year, or a number without end, means "not now", and who waits wants to decide.
constexpr std::chrono::hours longest_retry_after{24};

/// How long to wait: the value in seconds, or the time until its date (a past one is 0); at most longest_retry_after.
/// @param now  seconds since 1970
/// @return     nothing where the value is neither.
/// Cost: O(n). Thread: pure. Source: RFC 9110 10.2.3.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::int64_t now) noexcept;

}  // namespace sampan::http
