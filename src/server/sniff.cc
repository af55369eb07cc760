#include "server/sniff.h"

#include <algorithm>
#include <array>

namespace sampan::serving {

namespace {

constexpr std::array<std::string_view, 10> methods = {"GET ",   "HEAD ",    "POST ",  "PUT ",     "DELETE ",
                                                      "PATCH ", "OPTIONS ", "TRACE ", "CONNECT ", "PRI "};

bool starts_with_method(std::string_view bytes) {
  return std::any_of(methods.begin(), methods.end(), [&](auto method) { return bytes.starts_with(method); });
}

bool may_become_method(std::string_view bytes) {
  return !bytes.empty() &&
         std::any_of(methods.begin(), methods.end(), [&](auto method) { return method.starts_with(bytes); });
}

enum class line_is { http, bare, open };

// Judges by the first line; `open` while it has no end.
line_is judge(std::string_view bytes) {
  const auto end = bytes.find('\n');
  if (end == bytes.npos) return line_is::open;
  const auto line = bytes.substr(0, end);
  if (starts_with_method(line) || line.find(" HTTP/") != line.npos) return line_is::http;
  const bool more_follows = end + 1 < bytes.size();
  return line.ends_with('\r') && more_follows ? line_is::http : line_is::bare;
}

std::string_view without_line_end(std::string_view name) {
  if (name.ends_with('\n'))
    name.remove_suffix(1);
  else
    return name;
  if (name.ends_with('\r')) name.remove_suffix(1);
  return name;
}

}  // namespace

sniffed sniff(const first_bytes& seen) {
  std::string_view bytes = seen.bytes;
  if (bytes.starts_with("\x16\x03")) return {protocol::tls, {}, {}};

  // RFC 9112 2.2: an empty line before the request line is to be passed over.
  const bool empty_line = bytes.starts_with("\r\n");
  const std::string_view request = empty_line ? bytes.substr(2) : bytes;
  const line_is first = judge(request);
  if (first == line_is::http) return {protocol::http, {}, {}};
  if (empty_line && first == line_is::bare) return {protocol::bare_name, {}, {}};

  const bool method_line = starts_with_method(request);
  if (bytes.size() >= longest_name && first == line_is::open && method_line) return {protocol::http, {}, {}};
  if (bytes.size() > longest_name) return {protocol::name_too_long, {}, {}};

  // A line end is one when it is the last byte received: within the bytes it belongs to the name, as Linux allows.
  const bool complete = seen.ended || seen.quiet || (bytes.ends_with('\n') && !empty_line);
  if (complete) return {protocol::bare_name, without_line_end(bytes), {}};

  if (method_line || may_become_method(request) || (empty_line && request.empty()))
    return {protocol::undecided, {}, quiet_method_line};
  return {protocol::undecided, {}, seen.segments > 1 ? quiet_several_segments : quiet_one_segment};
}

}  // namespace sampan::serving
