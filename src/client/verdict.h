// What an HTTP answer means for a download: the file, a part of it, or why neither.
#pragma once

#include <string_view>

#include "client/exchange.h"
#include "http/content_range.h"

namespace sampan::client {

struct verdict {
  enum class kind {
    whole,        ///< 200: the file from its beginning
    part,         ///< 206: the part that `range` tells
    unusable,     ///< instead of the part something that must not be joined: `why`
    changed,      ///< 412: not the file it was
    unsatisfied,  ///< 416: no such part; `size` is the file's, where it is told
  };
  kind is = kind::whole;
  http::content_range range{};
  std::optional<std::uint64_t> size;  ///< of the whole file, where this answer tells it
  std::string why;
};

/// Judges the final answer to a GET.
/// @param asked    what was asked for
/// @param subject  for errors
/// @error no_such_file (404, 410), redirected (3xx with a Location, which is the detail), refused_by_peer (other 3xx, 4xx, 5xx; its
///        number is the status), unexpected_answer (other 1xx and 2xx; a Content-Encoding), malformed_answer (framing). Details hold the
///        server's words, cut.
/// Cost: O(fields). Thread: pure. Source: RFC 9110 15, 8.4, 14.4; RFC 9112 6.3.
result<verdict> judge(const http::response_head& head, const http::body_framing& framing, const request& asked,
                      std::string_view subject);

/// Whether it is a system call of the network that failed, not one on a file. Thread: pure.
bool is_of_connection(const error& why);

/// Whether asking again may help: connections that fail or stall, and 408, 425, 429, 500, 502 to 504, 520 to 524.
bool may_pass(const error& why);

}  // namespace sampan::client
