// What the answer to a GET or HEAD of a file is: status and ranges, from the request's fields and the representation. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "http/conditional.h"
#include "http/range.h"

namespace sampan::serving {

struct asked {
  bool head = false;
  http::conditions conditions;
  std::string_view range;  ///< value of Range; data() == nullptr: none
};

struct plan {
  int status = 200;                      ///< 200, 206, 304, 412 or 416
  std::vector<http::byte_range> ranges;  ///< for 206, in the order asked for; several make it multipart
};

/// Evaluates the preconditions first (RFC 9110 13.2.2), then If-Range and Range, which count for GET alone (14.2).
/// @param size  of the representation in bytes
/// @param now   seconds since 1970
/// @param out   its memory is used again
void decide(const asked& request, const http::validators& current, std::uint64_t size, std::int64_t now, plan& out);

}  // namespace sampan::serving
