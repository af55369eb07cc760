// What a host with its port looks like, in Host and in targets.
#pragma once

#include <string_view>

namespace sampan::http {

/// Whether a text is `host[:port]`, the value of Host. Empty is one: RFC 9110 7.2 wants it so where the target has no authority. The
/// port is up to 65535, or empty. A host is an IPv6 address in brackets (without a zone, and no IPvFuture: no client has one to send),
/// or labels with dots between, of the characters that RFC 3986 allows, `_` included; one dot may end it.
/// Cost: O(n), no allocation. Thread: pure. Source: RFC 9110 4.2.1, 7.2; RFC 3986 3.2.2, 3.2.3.
bool is_valid_host(std::string_view text) noexcept;

}  // namespace sampan::http
