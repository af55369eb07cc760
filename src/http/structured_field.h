// Dictionaries of structured fields, as far as anybody here asks for their values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sampan::http {

/// Longer values are taken for malformed: those that are read here have a few members of less than 100 bytes.
constexpr std::size_t longest_dictionary = 16 * 1024;
/// So are those with more members, repeated ones included.
constexpr std::size_t most_dictionary_members = 100;

/// A member without its parameters. Members with values of other kinds have neither.
struct dictionary_member {
  std::string_view key;                 ///< in the value that was read; small letters, digits, `_-.*`
  std::optional<std::int64_t> integer;  ///< up to 15 digits
  std::optional<std::string> bytes;     ///< a byte sequence, decoded
};

/// Reads a whole dictionary, several field lines joined by commas. All members are given, in order: of those with one key the last
/// counts by RFC 8941 3.2, unless the reader has a reason to look at all.
/// @return  nothing where any of it is malformed: then all of it counts as absent. Padding of byte sequences may be missing.
/// Cost: O(n). Thread: pure. Source: RFC 8941 3.2, 4.2.
std::optional<std::vector<dictionary_member>> parse_dictionary(std::string_view text);

}  // namespace sampan::http
