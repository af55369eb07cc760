#include "http/entity_tag.h"

#include <algorithm>
#include <array>
#include <charconv>

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

// The whole text as a number; letters count in either case.
std::optional<std::uint64_t> number(std::string_view text, int base) noexcept {
  std::uint64_t value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (bad != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Whether the number is the second, perhaps in a smaller unit.
bool is_second(std::optional<std::uint64_t> value, std::optional<std::int64_t> second) noexcept {
  constexpr std::uint64_t year_1980 = 315'532'800, year_2106 = 4'294'967'295;
  constexpr std::array<std::uint64_t, 4> units = {1, 1'000, 1'000'000, 1'000'000'000};
  return value && std::any_of(units.begin(), units.end(), [&](std::uint64_t unit) {
           const auto whole = *value / unit;
           if (*value % unit != 0) return false;
           return second ? *second >= 0 && whole == static_cast<std::uint64_t>(*second)
                         : whole >= year_1980 && whole <= year_2106;
         });
}

bool is_second_before_size(std::string_view both, std::optional<std::int64_t> second, std::uint64_t size) noexcept {
  constexpr int base = 36;
  std::array<char, 13> room{};  // 36^13 > 2^64
  const auto written = std::to_chars(room.data(), room.data() + room.size(), size, base);
  const std::string_view tail(room.data(), static_cast<std::size_t>(written.ptr - room.data()));
  return both.ends_with(tail) && is_second(number(both.substr(0, both.size() - tail.size()), base), second);
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

bool tells_only_second_and_size(std::string_view tag, std::optional<std::int64_t> modified,
                                std::uint64_t size) noexcept {
  if (!is_entity_tag(tag)) return false;
  const auto quoted = opaque_part(tag);
  const auto text = quoted.substr(1, quoted.size() - 2);
  const auto dash = text.find('-');
  for (const int base : {10, 16}) {
    const auto one = number(text.substr(0, dash), base);
    if (dash == text.npos) {
      if (one == size || (modified && is_second(one, modified))) return true;
      continue;
    }
    const auto other = number(text.substr(dash + 1), base);
    if ((one == size && is_second(other, modified)) || (other == size && is_second(one, modified))) return true;
  }
  return is_second_before_size(text, modified, size);
}

}  // namespace sampan::http
