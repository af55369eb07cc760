#include "http/multipart.h"

namespace sampan::http {

void append_content_range(std::string& out, byte_range range, std::uint64_t size) {
  out += "bytes ";
  out += std::to_string(range.first);
  out += '-';
  out += std::to_string(range.last);
  out += '/';
  out += std::to_string(size);
}

std::string content_range(byte_range range, std::uint64_t size) {
  std::string out;
  append_content_range(out, range, size);
  return out;
}

std::string content_range_unsatisfied(std::uint64_t size) { return "bytes */" + std::to_string(size); }

std::string multipart_type(std::string_view boundary) {
  return std::string("multipart/byteranges; boundary=").append(boundary);
}

std::string part_head(std::string_view boundary, std::string_view media_type, byte_range range, std::uint64_t size,
                      bool is_first) {
  std::string out = is_first ? "--" : "\r\n--";
  out.append(boundary);
  out.append("\r\nContent-Type: ").append(media_type);
  out.append("\r\nContent-Range: ").append(content_range(range, size));
  out.append("\r\n\r\n");
  return out;
}

std::string closing(std::string_view boundary) { return std::string("\r\n--").append(boundary).append("--\r\n"); }

std::uint64_t multipart_length(std::string_view boundary, std::string_view media_type,
                               std::span<const byte_range> ranges, std::uint64_t size) {
  std::uint64_t length = closing(boundary).size();
  bool is_first = true;
  for (const auto& range : ranges) {
    length += part_head(boundary, media_type, range, size, is_first).size() + range.length();
    is_first = false;
  }
  return length;
}

}  // namespace sampan::http
