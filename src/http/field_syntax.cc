#include "http/field_syntax.h"

#include <algorithm>

#include "http/characters.h"

namespace sampan::http {

namespace {

// Where the quoted string that begins at `begin` ends: the place after its closing quote, or the end of the text.
std::size_t after_quoted(std::string_view text, std::size_t begin) noexcept {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

}  // namespace

std::string_view take_member(std::string_view& rest, char separator) noexcept {
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != separator) end = rest[end] == '"' ? after_quoted(rest, end) : end + 1;
  const auto member = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return member;
}

std::optional<std::uint64_t> parse_digits(std::string_view text, std::size_t most_digits) noexcept {
  if (text.empty() || text.size() > most_digits || !std::all_of(text.begin(), text.end(), is_digit))
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

std::optional<int> parse_weight(std::string_view text) noexcept {
  constexpr std::size_t longest = 5;  // one digit, the point, three digits
  if (text.empty() || text.size() > longest || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int thousandths = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int worth = 100;
  for (std::size_t i = 2; i < text.size(); ++i, worth /= 10) {
    if (!is_digit(text[i])) return std::nullopt;
    thousandths += (text[i] - '0') * worth;
  }
  if (thousandths > 1000) return std::nullopt;
  return thousandths;
}

std::optional<weighed> read_weighed(std::string_view member) noexcept {
  weighed read{take_member(member, ';')};
  while (!member.empty()) {
    const auto parameter = take_member(member, ';');
    if (parameter.size() < 2 || !same_word(parameter.substr(0, 2), "q=")) continue;
    const auto weight = parse_weight(parameter.substr(2));
    if (!weight) return std::nullopt;
    read.weight = *weight;
    break;
  }
  return read;
}

}  // namespace sampan::http
