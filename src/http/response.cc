#include "http/response.h"

#include <algorithm>
#include <charconv>

#include "http/characters.h"

namespace sampan::http {

namespace {

constexpr std::string_view version_start = "HTTP/1.";

// Whether the line may still become a status line.
bool may_be_status_line(std::string_view line) noexcept {
  const auto size = std::min(line.size(), version_start.size());
  return line.substr(0, size) == version_start.substr(0, size);
}

// The elements of the comma-separated list that all values make together; empty ones do not count (RFC 9110 5.6.1.2).
std::vector<std::string_view> elements(const std::vector<std::string_view>& values) {
  std::vector<std::string_view> found;
  for (std::string_view rest : values) {
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      const auto one = trim(rest.substr(0, comma));
      if (!one.empty()) found.push_back(one);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return found;
}

// RFC 9110 8.6: digits only; nothing when it is no number below 2^63, which is what file offsets hold.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || !is_digit(text.front())) return {};
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc() || end != text.data() + text.size()) return {};
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::vector<std::string_view> response_head::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& field : fields) {
    if (same_word(field.name, name)) found.emplace_back(field.value);
  }
  return found;
}

response_parser::step response_parser::feed(std::string_view bytes) {
  step made;
  while (made.taken < bytes.size() && now_ == state::more) {
    const auto rest = bytes.substr(made.taken);
    const auto line_end = rest.find('\n');
    // One byte over the limit is enough to know.
    const auto size = std::min(std::min(line_end, rest.size() - 1) + 1, longest_head + 1 - total_);
    line_ += rest.substr(0, size);
    made.taken += size;
    total_ += size;
    if (!has_status_line_ && !may_be_status_line(line_)) {
      now_ = fail("it does not begin as HTTP/1 does");
    } else if (total_ > longest_head) {
      now_ = fail("the head is too long");
    } else if (line_.ends_with('\n')) {
      now_ = take_line();
      line_.clear();
    }
  }
  made.now = now_;
  return made;
}

response_parser::state response_parser::fail(const char* problem) {
  problem_ = problem;
  return state::malformed;
}

response_parser::state response_parser::take_line() {
  // RFC 9112 2.2: LF alone may be taken for a line end, CR alone may not.
  std::string_view line = line_;
  line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  if (line.find_first_of(std::string_view("\r\0", 2)) != line.npos) return fail("CR or NUL within the head");
  if (!has_status_line_) return take_status_line(line);
  return line.empty() ? state::complete : take_field_line(line);
}

// RFC 9112 4: HTTP-version SP status-code SP [ reason-phrase ]
response_parser::state response_parser::take_status_line(std::string_view line) {
  constexpr std::size_t code_at = version_start.size() + 2;
  constexpr std::size_t code_end = code_at + 3;
  const auto is_number = [&](std::size_t from, std::size_t to) {
    return std::all_of(line.begin() + static_cast<std::ptrdiff_t>(from), line.begin() + static_cast<std::ptrdiff_t>(to),
                       is_digit);
  };
  const bool whole = line.size() >= code_end && is_number(code_at - 2, code_at - 1) && line[code_at - 1] == ' ' &&
                     is_number(code_at, code_end) && (line.size() == code_end || line[code_end] == ' ');
  if (!whole) return fail("bad status line");
  head_.version_minor = line[version_start.size()] - '0';
  for (const char c : line.substr(code_at, 3)) head_.status = head_.status * 10 + (c - '0');
  if (head_.status < 100 || head_.status > 599) return fail("bad status line");
  head_.reason = trim(line.substr(code_end));
  has_status_line_ = true;
  return state::more;
}

response_parser::state response_parser::take_field_line(std::string_view line) {
  if (is_blank(line.front())) {
    // RFC 9112 2.2: before the first field, blanks at the start of a line are no fold.
    if (head_.fields.empty()) return fail("bad field");
    // RFC 9112 5.2: a fold is read as a blank.
    std::string& value = head_.fields.back().value;
    const auto more = trim(line);
    if (!value.empty() && !more.empty()) value += ' ';
    value += more;
    return state::more;
  }
  const auto colon = line.find(':');
  // RFC 9112 5.1: no blanks between name and colon.
  if (colon == line.npos || !is_token(line.substr(0, colon))) return fail("bad field");
  if (head_.fields.size() == most_fields) return fail("too many fields");
  head_.fields.push_back({std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
  return state::more;
}

body_framing framing_of(const response_head& head, bool to_head) {
  if (to_head || head.status < 200 || head.status == 204 || head.status == 304) return {body_end::none, 0};
  const auto codings = elements(head.values("Transfer-Encoding"));
  const bool coded = !head.values("Transfer-Encoding").empty();
  const auto lengths = head.values("Content-Length");
  if (coded) {
    if (codings.size() == 1 && same_word(codings.front(), "chunked")) return {body_end::chunked, 0};
    return {body_end::chunked, 0, "unknown Transfer-Encoding"};
  }
  if (lengths.empty()) return {body_end::close, 0};
  std::optional<std::uint64_t> length;
  const auto numbers = elements(lengths);
  for (const auto text : numbers) {
    const auto one = parse_length(text);
    if (!one || (length && *one != *length)) return {body_end::length, 0, "bad Content-Length"};
    length = one;
  }
  if (!length) return {body_end::length, 0, "bad Content-Length"};
  return {body_end::length, *length};
}

}  // namespace sampan::http
