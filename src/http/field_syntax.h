// What the values of many header fields share: lists and weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sampan::http {

/// Takes the next member off a list and leaves what follows the separator. A separator within a quoted string separates nothing; a
/// quoted string without its end reaches to the end of the value.
/// @return  the member without blanks around it; empty for an empty member, which a recipient has to pass over.
/// Cost: O(length of the member). Thread: pure. Source: RFC 9110 5.6.1.2, 5.6.4.
std::string_view take_member(std::string_view& rest, char separator = ',') noexcept;

/// A whole number of `most_digits` digits at most (18 of them stay below 2^63) and nothing else. Cost: O(n). Thread: pure.
std::optional<std::uint64_t> parse_digits(std::string_view text, std::size_t most_digits = 18) noexcept;

/// A weight in thousandths, 0 to 1000; nothing where it is none (`2`, `.5`, `0.1234`).
/// Cost: O(1). Thread: pure. Source: RFC 9110 12.4.2 (qvalue).
std::optional<int> parse_weight(std::string_view text) noexcept;

/// One member of a list in which the client weighs what it would take: `gzip;q=0.5`, `text/html;level=1;q=0.7`.
struct weighed {
  std::string_view name;  ///< up to the first `;`
  int weight = 1000;      ///< thousandths; without `q` all of them
};

/// Reads such a member. Parameters other than `q` are passed over: nothing here comes in variants that they could choose.
/// @return  nothing where the weight is malformed: what the client meant is then unknown.
/// Cost: O(n). Thread: pure. Source: RFC 9110 12.4.2.
std::optional<weighed> read_weighed(std::string_view member) noexcept;

}  // namespace sampan::http
