#include "server/error_page.h"

#include "server/page.h"
#include "text/escape.h"
#include "text/utf8.h"

namespace sampan::serving {

namespace {

/// The longest beginning that fits and ends with a whole character.
std::string_view beginning(std::string_view path) {
  std::size_t length = 0;
  for (;;) {
    const auto c = text::decode_utf8(path.substr(length));
    const std::size_t next = c.status == text::utf8_status::ok ? c.length : 1;
    if (length + next > longest_shown_path) return path.substr(0, length);
    length += next;
  }
}

}  // namespace

std::string error_page(int status, std::string_view reason, std::string_view shown_path) {
  const std::string title = std::to_string(status) + ' ' + std::string(reason);
  std::string page;
  begin_page(title, page);
  page += "<h1>" + text::escape_html(title) + "</h1>\n";
  if (!shown_path.empty()) {
    const bool whole = shown_path.size() <= longest_shown_path;
    page += "<p><bdi>" + text::escape_html(whole ? shown_path : beginning(shown_path)) + (whole ? "" : "…") +
            "</bdi></p>\n";
  }
  return page;
}

}  // namespace sampan::serving
