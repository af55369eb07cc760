// What an HTTP answer means for a download: whether it is the file.
#pragma once

#include <string_view>

#include "http/response.h"
#include "sampan/error.h"

namespace sampan::client {

/// Judges the final answer to a GET that asked for the whole file as it is.
/// @param subject  what was asked for, for errors
/// @return         how the file's bytes end, if they follow: 200, not compressed, with clear framing
/// @error no_such_file (404, 410), redirected (3xx with a Location, which is the detail), refused_by_peer (other 3xx, 4xx, 5xx),
///        unexpected_answer (other 1xx and 2xx; a Content-Encoding), malformed_answer (framing). Details hold the server's words, cut.
/// Cost: O(fields). Thread: pure. Source: RFC 9110 15, 8.4; RFC 9112 6.3.
result<http::body_framing> judge(const http::response_head& head, std::string_view subject);

}  // namespace sampan::client
