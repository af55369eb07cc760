// Dates of header fields: the three forms that are read, the one that is written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sampan::http {

/// Reads an HTTP-date: `Sun, 06 Nov 1994 08:49:37 GMT`, or one of the old forms `Sunday, 06-Nov-94 08:49:37 GMT` and
/// `Sun Nov  6 08:49:37 1994`. Letters count with their case, and every blank has its place. The name of the day must be one, but is
/// not compared with the date: a peer that computes it wrongly has a right date all the same. A leap second (`:60`) is the second
/// after `:59`, the next minute's first.
/// @param now  seconds since 1970; decides about a year of two digits: it is the latest such year that does not put the date more
///             than 50 years ahead.
/// @return     seconds since 1970, from year 0 to 9999 (before 1970 negative); nothing where it is no such date.
/// Cost: O(1). Thread: pure. Source: RFC 9110 5.6.7; RFC 5322 3.3.
std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) noexcept;

/// What format_date() gives, in bytes.
constexpr std::size_t date_length = 29;

/// Writes IMF-fixdate, without a NUL at its end.
/// @param seconds  since 1970; beyond the years 0 to 9999 the nearest end of them.
/// Cost: O(1). Thread: pure. Source: RFC 9110 5.6.7.
std::array<char, date_length> format_date(std::int64_t seconds) noexcept;

}  // namespace sampan::http
