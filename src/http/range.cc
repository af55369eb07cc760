#include "http/range.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "http/characters.h"
#include "http/field_syntax.h"

namespace sampan::http {

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

// One range-spec: `first-last`, `first-` (last is then the largest number) or `-length` (a suffix).
struct range_spec {
  std::uint64_t first = 0, last = largest;
  bool is_suffix = false;
};

// Takes digits off the front; a number beyond 64 bits is the largest, which no file reaches. Nothing where there is no digit.
std::optional<std::uint64_t> take_number(std::string_view& rest) noexcept {
  const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (digits == 0) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : rest.substr(0, digits)) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (largest - digit) / 10 ? largest : value * 10 + digit;
  }
  rest.remove_prefix(digits);
  return value;
}

// RFC 9110 14.1.2.
std::optional<range_spec> parse_spec(std::string_view text) noexcept {
  range_spec spec;
  const auto first = take_number(text);
  if (!text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  const auto last = take_number(text);
  if (!text.empty() || (!first && !last)) return std::nullopt;
  spec.is_suffix = !first;
  spec.first = first.value_or(0);
  spec.last = last.value_or(largest);
  return spec;
}

// What the spec selects of that many bytes, if anything. RFC 9110 14.1.2: an end beyond the last byte means the last byte, a suffix
// longer than all means all.
std::optional<byte_range> select(const range_spec& spec, std::uint64_t size) noexcept {
  if (spec.is_suffix) {
    const auto length = std::min(spec.last, size);
    if (length == 0) return std::nullopt;
    return byte_range{size - length, size - 1};
  }
  if (spec.first >= size) return std::nullopt;
  return byte_range{spec.first, std::min(spec.last, size - 1)};
}

bool asks_for_an_end(const range_spec& spec) noexcept { return spec.is_suffix ? spec.last > 0 : spec.first == 0; }

// Written so that neither side overflows.
bool overlap_or_touch(const byte_range& a, const byte_range& b) noexcept {
  return (a.first <= b.last || a.first - b.last == 1) && (b.first <= a.last || b.first - a.last == 1);
}

// RFC 9110 15.3.7.2 allows to coalesce. No two of `ranges` touch before, and none does after: what joins the new range is
// separated from the rest by gaps that it does not fill.
void add_merged(byte_range added, std::vector<byte_range>& ranges) {
  auto place = ranges.end();
  for (auto other = ranges.begin(); other != ranges.end();) {
    if (!overlap_or_touch(*other, added)) {
      ++other;
      continue;
    }
    added = {std::min(other->first, added.first), std::max(other->last, added.last)};
    if (place == ranges.end()) {
      place = other++;
    } else {
      other = ranges.erase(other);  // behind `place`, which stays valid
    }
  }
  if (place == ranges.end()) {
    ranges.push_back(added);
  } else {
    *place = added;
  }
}

}  // namespace

selection select_ranges(std::string_view value, std::uint64_t size, std::vector<byte_range>& out) {
  out.clear();
  constexpr std::string_view unit = "bytes=";
  if (value.size() < unit.size() || !same_word(value.substr(0, unit.size()), unit)) return selection::whole;
  std::string_view rest = value.substr(unit.size());
  std::size_t specs = 0;
  bool inverted = false;
  bool end_of_empty = false;
  while (!rest.empty()) {
    const auto member = take_member(rest);
    if (member.empty()) continue;
    const auto spec = parse_spec(member);
    if (!spec || ++specs > most_ranges) {
      out.clear();
      return selection::whole;
    }
    inverted = inverted || (!spec->is_suffix && spec->first > spec->last);
    end_of_empty = end_of_empty || (size == 0 && asks_for_an_end(*spec));
    if (const auto range = select(*spec, size); range && !inverted) add_merged(*range, out);
  }
  if (inverted) out.clear();
  if (!out.empty()) return selection::partial;
  return specs == 0 || (end_of_empty && !inverted) ? selection::whole : selection::unsatisfiable;
}

}  // namespace sampan::http
