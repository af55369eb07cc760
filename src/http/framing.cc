#include "http/framing.h"

#include <limits>

#include "http/characters.h"

namespace sampan::http {
namespace {

// Calls use(member) for every member, trimmed and maybe empty, of the comma-separated list that all lines of a field make up,
// until it returns false. Commas within quoted strings divide too: no list of these fields may have any.
template <typename Function>
void each_member(const request_head& head, known which, Function use) {
  if (!head.has(which)) return;
  const auto each_of_line = [&](std::string_view line) {
    for (;;) {
      const auto comma = line.find(',');
      if (!use(trim(line.substr(0, comma)))) return false;
      if (comma == line.npos) return true;
      line.remove_prefix(comma + 1);
    }
  };
  if (!head.repeated(which)) {
    each_of_line(head.value(which));
    return;
  }
  for (const field& line : head.fields()) {
    if (known_field(line.name) == which && !each_of_line(line.value)) return;
  }
}

// RFC 9112 3.2: exactly one; HTTP/1.0 had none.
refusal judge_host(const request_head& head) noexcept {
  if (head.repeated(known::host)) return {400, "more than one Host"};
  if (head.minor >= 1 && !head.has(known::host)) return {400, "no Host"};
  return {};
}

constexpr std::uint64_t not_a_length = std::numeric_limits<std::uint64_t>::max();

// RFC 9110 8.6: digits only. Below 2^63, so that it can be added to and stored as an off_t.
std::uint64_t read_length(std::string_view digits) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return not_a_length;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (most - digit) / 10) return not_a_length;
    value = value * 10 + digit;
  }
  return digits.empty() ? not_a_length : value;
}

// RFC 9112 6.3: the same length several times, as lines or in a list, may count once; anything else is an error.
refusal judge_content_length(request_head& head) noexcept {
  refusal found;
  bool first = true;
  each_member(head, known::content_length, [&](std::string_view member) {
    const std::uint64_t length = read_length(member);
    if (length == not_a_length)
      found = {400, "Content-Length is not a number"};
    else if (!first && length != head.content_length)
      found = {400, "two different Content-Length"};
    else
      head.content_length = length;
    first = false;
    return !found;
  });
  if (head.content_length > 0) head.body = body_kind::length;
  return found;
}

// RFC 9112 6.1, 6.3: chunked alone is understood. RFC 9110 5.6.1.2 lets a list have empty members; here it may not, as others
// read such a list in other ways.
refusal judge_transfer_encoding(request_head& head) noexcept {
  if (!head.has(known::transfer_encoding)) return {};
  if (head.minor == 0) return {400, "Transfer-Encoding in HTTP/1.0"};
  if (head.has(known::content_length)) return {400, "Transfer-Encoding and Content-Length"};
  refusal found;
  bool chunked = false;
  bool others = false;
  each_member(head, known::transfer_encoding, [&](std::string_view member) {
    const std::string_view coding = trim(member.substr(0, member.find(';')));
    const bool is_chunked = same_word(coding, "chunked");
    if (chunked)
      found = {400, is_chunked ? "chunked twice" : "chunked is not the last coding"};
    else if (!is_token(coding))
      found = {400, "malformed Transfer-Encoding"};
    else if (is_chunked && coding.size() != member.size())
      found = {400, "chunked with parameters"};
    (is_chunked ? chunked : others) = true;
    return !found;
  });
  if (found) return found;
  if (others) return {501, "unknown transfer coding"};
  head.body = body_kind::chunked;
  return {};
}

// RFC 9112 9.3: `close` wins over everything.
void judge_connection(request_head& head) noexcept {
  bool close = false;
  bool keep = head.minor >= 1;
  each_member(head, known::connection, [&](std::string_view option) {
    close = close || same_word(option, "close");
    keep = keep || same_word(option, "keep-alive");
    return true;
  });
  head.keep_alive = keep && !close;
}

// RFC 9110 10.1.1: a server ignores it in HTTP/1.0.
void judge_expect(request_head& head) noexcept {
  if (head.minor == 0) return;
  each_member(head, known::expect, [&](std::string_view expectation) {
    if (same_word(expectation, "100-continue"))
      head.expects_continue = true;
    else if (!expectation.empty())
      head.unknown_expectation = true;
    return true;
  });
}

}  // namespace

refusal judge_fields(request_head& head) noexcept {
  refusal found = judge_host(head);
  if (!found) found = judge_transfer_encoding(head);
  if (!found) found = judge_content_length(head);
  if (found) return found;
  judge_connection(head);
  judge_expect(head);
  return {};
}

}  // namespace sampan::http
