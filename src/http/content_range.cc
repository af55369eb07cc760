#include "http/content_range.h"

#include "http/characters.h"
#include "http/field_syntax.h"

namespace sampan::http {

namespace {

// The two sides of the slash, without the unit.
struct halves {
  std::string_view range;
  std::optional<std::uint64_t> size;
};

std::optional<halves> split(std::string_view value) noexcept {
  constexpr std::string_view unit = "bytes";
  value = trim(value);
  if (value.size() > unit.size() && same_word(value.substr(0, unit.size()), unit)) {
    value.remove_prefix(unit.size());
    if (!is_blank(value[0]) && value[0] != '=') return std::nullopt;
    value = trim(value);
    if (value.starts_with('=')) value.remove_prefix(1);
  }
  const auto slash = value.find('/');
  if (slash == value.npos) return std::nullopt;
  const auto size = trim(value.substr(slash + 1));
  halves found{trim(value.substr(0, slash)), parse_digits(size)};
  if (!found.size && size != "*") return std::nullopt;
  return found;
}

}  // namespace

std::optional<content_range> parse_content_range(std::string_view value) noexcept {
  const auto parts = split(value);
  if (!parts) return std::nullopt;
  const auto dash = parts->range.find('-');
  if (dash == value.npos) return std::nullopt;
  const auto first = parse_digits(trim(parts->range.substr(0, dash)));
  const auto last = parse_digits(trim(parts->range.substr(dash + 1)));
  if (!first || !last || *first > *last || (parts->size && *last >= *parts->size)) return std::nullopt;
  return content_range{*first, *last, parts->size};
}

std::optional<unsatisfied_range> parse_unsatisfied_range(std::string_view value) noexcept {
  const auto parts = split(value);
  if (!parts || parts->range != "*") return std::nullopt;
  return unsatisfied_range{parts->size};
}

}  // namespace sampan::http
