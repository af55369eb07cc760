#include "http/entity_tag.h"

#include <algorithm>

#include "http/characters.h"
#include "http/field_syntax.h"

namespace sampan::http {

namespace {

constexpr std::string_view weak_mark = "W/";  // with its case: RFC 9110 8.8.3

constexpr bool is_tag_byte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != '"' && byte != 0x7f;
}

std::string_view opaque_part(std::string_view tag) noexcept {
  return is_weak(tag) ? tag.substr(weak_mark.size()) : tag;
}

// The length of the tag that the text begins with; 0 if it begins with none. A backslash is a byte like another there: RFC 9110 8.8.3.
std::size_t tag_length(std::string_view text) noexcept {
  const auto opaque = opaque_part(text);
  if (!opaque.starts_with('"')) return 0;
  const auto end = opaque.find('"', 1);
  if (end == opaque.npos || !std::all_of(opaque.begin() + 1, opaque.begin() + end, is_tag_byte)) return 0;
  return text.size() - opaque.size() + end + 1;
}

}  // namespace

bool is_entity_tag(std::string_view text) noexcept { return !text.empty() && tag_length(text) == text.size(); }

bool is_weak(std::string_view tag) noexcept { return tag.starts_with(weak_mark); }

bool strong_match(std::string_view a, std::string_view b) noexcept { return a == b && !is_weak(a) && is_entity_tag(a); }

bool weak_match(std::string_view a, std::string_view b) noexcept {
  return opaque_part(a) == opaque_part(b) && is_entity_tag(a) && is_entity_tag(b);
}

bool list_matches(std::string_view field_value, std::string_view current, tag_compare how) noexcept {
  std::string_view rest = trim(field_value);
  if (rest == "*") return true;
  while (!rest.empty()) {
    const auto tag = rest.substr(0, tag_length(rest));
    rest = trim(rest.substr(tag.size()));
    if (!rest.empty() && rest[0] != ',') return false;
    if (how == tag_compare::strong ? strong_match(tag, current) : weak_match(tag, current)) return true;
    rest = trim(rest.substr(std::min<std::size_t>(1, rest.size())));
  }
  return false;
}

}  // namespace sampan::http
