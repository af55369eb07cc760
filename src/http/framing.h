// What the fields of a head mean together: Host, where the body ends, whether the connection lives on, what is expected.
#pragma once

#include "http/request.h"

namespace sampan::http {

/// Why a request is refused; code 0 if it is not.
struct refusal {
  int code = 0;  ///< HTTP status
  const char* why = "";

  explicit operator bool() const noexcept { return code != 0; }
};

/// Judges a head whose request line and fields are all there, and sets body, content_length, keep_alive and the two about
/// expectations. Strict, since a proxy that sees another end of the body lets one client speak for another.
/// Codes: 400, and 501 for a transfer coding other than chunked. Cost: O(bytes of those fields), no allocation. Thread: pure.
/// Source: RFC 9112 3.2, 6.1 to 6.3, 9.3; RFC 9110 8.6, 10.1.1.
refusal judge_fields(request_head& head) noexcept;

}  // namespace sampan::http
