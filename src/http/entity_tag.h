// Entity tags: their syntax, and how two of them are compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sampan::http {

/// Whether the text is one entity tag with its quotes, `"x"` or `W/"x"`. Within the quotes stands any byte but `"`, blanks, controls
/// and DEL. Cost: O(n). Thread: pure. Source: RFC 9110 8.8.3.
bool is_entity_tag(std::string_view text) noexcept;

/// Whether a tag is marked as weak. Cost: O(1). Thread: pure. Source: RFC 9110 8.8.3.
bool is_weak(std::string_view tag) noexcept;

/// Both are tags, none is weak, and they are equal. Cost: O(n). Thread: pure. Source: RFC 9110 8.8.3.2.
bool strong_match(std::string_view a, std::string_view b) noexcept;

/// Both are tags, and they are equal but for the mark `W/`. Cost: O(n). Thread: pure. Source: RFC 9110 8.8.3.2.
bool weak_match(std::string_view a, std::string_view b) noexcept;

enum class tag_compare { strong, weak };

/// Whether a value of If-Match or If-None-Match names the current representation, which exists: `*` does so always. Empty members are
/// passed over; from the first member that is no tag on, nothing matches (RFC 9110 leaves that open, and a guess could be wrong).
/// @param field_value  as received, several lines joined by commas
/// @param current      the tag as it is sent; empty if there is none
/// Cost: O(n). Thread: pure. Source: RFC 9110 13.1.1, 13.1.2, 5.6.1.2.
bool list_matches(std::string_view field_value, std::string_view current, tag_compare how) noexcept;

/// Whether a tag, weak or not, is made of nothing but the modification time in whole seconds and the size, as nginx makes it. Two
/// states of a file that was written twice within a second have the same one, though RFC 9110 8.8.3 calls it strong. Known are two
/// numbers with `-` between, hexadecimal (nginx, h2o, Apache, aiohttp) or decimal, in either order; digits to the base 36 with
/// nothing between (Caddy); and one of the two alone. The time may stand in milli-, micro- or nanoseconds: then it tells only the
/// second where nothing but zeros follows the second.
/// @param modified  Last-Modified, seconds since 1970; without one any time from 1980 to 2106 is taken for it, beside the size
/// @param size      bytes of the whole
/// Cost: O(1). Thread: pure.
bool tells_only_second_and_size(std::string_view tag, std::optional<std::int64_t> modified,
                                std::uint64_t size) noexcept;

}  // namespace sampan::http
