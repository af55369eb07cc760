#include "server/http_settings.h"

#include <algorithm>
#include <array>

#include "http/characters.h"

namespace sampan {

namespace {

// Fields that frame an answer or say what it is: a fixed value would be a lie for some of them, or a way to split answers.
constexpr std::array<std::string_view, 18> own_fields = {
    "accept-ranges", "allow", "connection", "content-encoding",  "content-length", "content-range",
    "content-type",  "date",  "etag",       "keep-alive",        "last-modified",  "location",
    "repr-digest",   "te",    "trailer",    "transfer-encoding", "upgrade",        "vary"};

std::string_view name_of(std::string_view line) { return line.substr(0, line.find(':')); }

}  // namespace

result<void> check_header(std::string_view line) {
  const auto wrong = [&](const char* why) { return error::make(errc::bad_value, "use as a header", line, why); };
  const bool has_control = std::any_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
  if (has_control) return wrong("it holds a control character");
  if (line.find(':') == line.npos || !http::is_token(name_of(line))) return wrong("not of the form `Name: value`");
  const auto is_its = [&](std::string_view own) { return http::same_word(name_of(line), own); };
  if (std::any_of(own_fields.begin(), own_fields.end(), is_its)) return wrong("the server sets this one itself");
  return {};
}

namespace serving {

http_settings::http_settings(const serve_options& options) {
  const auto given = [&](std::string_view name) {
    return std::any_of(options.headers.begin(), options.headers.end(),
                       [&](const std::string& line) { return http::same_word(name_of(line), name); });
  };
  // Browsers must not guess that a text is a page (RFC 9110 8.3), nor that a file stays as it is for a tenth of its age
  // (RFC 9111 4.2.2).
  if (!given("x-content-type-options")) always += "X-Content-Type-Options: nosniff\r\n";
  if (!given("cache-control")) always += "Cache-Control: no-cache\r\n";
  if (options.cors) {
    if (!given("access-control-allow-origin")) always += "Access-Control-Allow-Origin: *\r\n";
    always +=
        "Access-Control-Expose-Headers: Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, "
        "Repr-Digest\r\n";
    preflight =
        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
        "Access-Control-Allow-Headers: *, Authorization, If-Range, Range\r\n"
        "Access-Control-Max-Age: 86400\r\n";
  }
  for (const std::string& line : options.headers) {
    const auto value_at = line.find_first_not_of(" \t", line.find(':') + 1);
    always += std::string(name_of(line)) + ": " + (value_at == line.npos ? "" : line.substr(value_at)) + "\r\n";
  }
}

}  // namespace serving
}  // namespace sampan
