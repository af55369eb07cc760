// Conditional requests: whether one for an existing representation is answered, and whether its Range counts.
#pragma once

#include <cstdint>
#include <string_view>

namespace sampan::http {

/// What the server sends along with the representation as it is now.
struct validators {
  std::string_view etag;      ///< as sent, with quotes and `W/`; empty if there is none
  std::int64_t modified = 0;  ///< Last-Modified, seconds since 1970
};

/// The fields of a request. data() == nullptr: the field is absent; an empty value elsewhere: it is there, and empty.
struct conditions {
  std::string_view if_match{}, if_none_match{}, if_modified_since{}, if_unmodified_since{}, if_range{};
};

enum class verdict {
  proceed,
  not_modified,  ///< 304
  failed,        ///< 412
};

/// Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 13.2.2. Dates that cannot be read, and several in one field,
/// are ignored; so is a date where the tags' field of the same kind is there.
/// @param now  seconds since 1970; only for years of two digits
/// Cost: O(length of the values). Thread: pure. Source: RFC 9110 13.1, 13.2.2.
verdict evaluate(const conditions& asked, const validators& current, std::int64_t now) noexcept;

/// A Last-Modified this old in seconds is a strong validator. Whoever got a file in the second of its last change may have an older
/// content with the same date; and the date is the clock of the file's file system, which may be another machine's. RFC 9110 8.8.2.2
/// wants a distance that makes such differences unlikely; 60 s is what RFC 7232 2.2.2 proposed.
constexpr std::int64_t strong_date_age = 60;

/// Whether a Range may be answered in part: If-Range is absent, or names the current representation by a strong tag, or by exactly its
/// date when that is a strong validator. Everything else means no: the whole is always right.
/// @param now  seconds since 1970
/// Cost: O(length of the value). Thread: pure. Source: RFC 9110 13.1.5.
bool range_applies(const conditions& asked, const validators& current, std::int64_t now) noexcept;

}  // namespace sampan::http
