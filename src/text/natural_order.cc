#include "text/natural_order.h"

#include <algorithm>

namespace sampan::text {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// As unsigned: bytes from 0x80 come after ASCII.
constexpr unsigned folded(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'A' && byte <= 'Z' ? byte + unsigned{'a' - 'A'} : byte;
}

/// Takes the digits from the front of `text`; returns them without leading zeros, so that the longer one is the larger number.
std::string_view take_number(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

/// Less than 0, 0, greater than 0. Capitals and leading zeros make no difference.
int compare_loosely(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    // A digit against another character is compared as that: no other character lies between the digits, so all numbers
    // stand on the same side of it.
    if (is_digit(a.front()) && is_digit(b.front())) {
      const auto x = take_number(a);
      const auto y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (const int order = x.compare(y)) return order;
    } else {
      const auto x = folded(a.front());
      const auto y = folded(b.front());
      if (x != y) return x < y ? -1 : 1;
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) noexcept {
  const int order = compare_loosely(a, b);
  return order != 0 ? order < 0 : a < b;  // string_view compares as unsigned bytes
}

}  // namespace sampan::text
