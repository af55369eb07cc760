// Which representation a server speaks of, and whether two answers speak of the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/response.h"

namespace sampan::client {

/// What an answer tells about the representation it carries. Texts are the server's.
struct identity {
  std::string etag;                      ///< as sent; empty: none, or none that is one
  std::string last_modified;             ///< as sent
  std::string media_type;                ///< without parameters, in lower case
  std::optional<std::int64_t> modified;  ///< last_modified as a number, s since 1970
  std::optional<std::uint64_t> total;    ///< bytes
};

/// Thread: pure.
identity identity_of(const http::response_head& head, std::optional<std::uint64_t> total, std::int64_t now);

/// Whether the same validators would prove the same bytes: a strong entity tag that is more than second and size
/// (http::tells_only_second_and_size). Thread: pure. Source: RFC 9110 8.8.1, 8.8.3.
bool has_strong_evidence(const identity& known);

/// Whether its tag may stand in If-Range (RFC 9110 13.1.5). Thread: pure.
bool has_strong_tag(const identity& known);

enum class sameness {
  same,       ///< by a strong validator
  unproved,   ///< nothing speaks against it
  other_tag,  ///< all is the same but the entity tag, as with replicas that make their own
  changed,
};

/// Compares what an answer tells with what is known. Thread: pure. Source: RFC 9110 8.8, 13.1.5, 14.5, 15.3.7.
sameness compare(const identity& known, const identity& seen);

/// Whether an answer looks like a page that somebody put in the file's place (a login, a portal): HTML where none was.
bool is_page_instead(const identity& known, const identity& seen);

}  // namespace sampan::client
