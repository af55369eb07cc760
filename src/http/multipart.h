// The framing of answers in part: Content-Range, and the body that holds several ranges.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/range.h"

namespace sampan::http {

/// `bytes 0-4/10`, the Content-Range of one range. Thread: pure. Source: RFC 9110 14.4.
std::string content_range(byte_range range, std::uint64_t size);
/// The same behind what there is, which costs no allocation where there is room.
void append_content_range(std::string& out, byte_range range, std::uint64_t size);

/// `bytes */10`, the Content-Range of a 416. Thread: pure. Source: RFC 9110 14.4, 15.5.17.
std::string content_range_unsatisfied(std::uint64_t size);

/// The Content-Type of a body of several ranges.
/// @param boundary  1 to 70 letters and digits, which stand nowhere in the representation: the caller makes it at random.
/// Thread: pure. Source: RFC 9110 14.6; RFC 2046 5.1.1.
std::string multipart_type(std::string_view boundary);

/// What stands before the bytes of one range: its boundary and its fields. But for the first part the line end that belongs to the
/// boundary is at the front. The body is such a head and its bytes, for each range, and closing() at last.
/// @param media_type  what a 200 would have as Content-Type
/// Thread: pure. Source: RFC 9110 14.6, 15.3.7.2; RFC 2046 5.1.1.
std::string part_head(std::string_view boundary, std::string_view media_type, byte_range range, std::uint64_t size,
                      bool is_first);

/// What stands after the bytes of the last range. Thread: pure. Source: RFC 2046 5.1.1.
std::string closing(std::string_view boundary);

/// The exact length of that body in bytes, for Content-Length. Cost: O(ranges). Thread: pure.
std::uint64_t multipart_length(std::string_view boundary, std::string_view media_type,
                               std::span<const byte_range> ranges, std::uint64_t size);

}  // namespace sampan::http
