// URLs of HTTP: where a redirect leads, and how a source is written. Reading one from the user: parse_get_url(), sampan/get.h.
#pragma once

#include <string>
#include <string_view>

#include "sampan/get.h"

namespace sampan::client {

/// The source that a Location names, seen from the one that answered with it. A fragment is left out; dot segments are taken out; what may
/// not stand in a path or query, such as blanks and raw UTF-8, is percent-encoded, as browsers do it. A user name in the Location is
/// dropped; those credentials that `base` has stay where it is the same origin.
/// @error errc::bad_url (no http or https, no host, empty, or too long), bad_address, bad_port, bad_name
/// Cost: O(n). Thread: pure. Source: RFC 3986 5.2; RFC 9110 10.2.2.
result<get_source> resolve_location(const get_source& base, std::string_view location);

/// Whether scheme, host (without regard to case) and port are the same. Cost: O(n). Thread: pure. Source: RFC 9110 4.3.1.
bool same_origin(const get_source& a, const get_source& b) noexcept;

/// The URL as it may be shown and stored: without credentials, and without the port where it is the scheme's.
/// Cost: O(n). Thread: pure.
std::string url_of(const get_source& source);

}  // namespace sampan::client
