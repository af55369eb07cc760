// Entity tags: their syntax, and how two of them are compared.
#pragma once

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

}  // namespace sampan::http
