// The sets of characters that HTTP's grammar is made of, and comparing and trimming by them. No locale.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sampan::http {

/// By byte, whether it may be in a token: letters, digits and 15 others. Source: RFC 9110 5.6.2.
constexpr std::array<bool, 256> token_characters = [] {
  std::array<bool, 256> all{};
  for (unsigned c = 'a'; c <= 'z'; ++c) all[c] = all[c - 'a' + 'A'] = true;
  for (unsigned c = '0'; c <= '9'; ++c) all[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) all[static_cast<unsigned char>(c)] = true;
  return all;
}();

constexpr bool is_token_character(char c) noexcept { return token_characters[static_cast<unsigned char>(c)]; }

/// Whether `text` is a token: such characters only, and one at least. Cost: O(n).
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_token_character(c)) return false;
  }
  return !text.empty();
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// Without the blanks and tabs at both ends (OWS, RFC 9110 5.6.3). Never with null data() where `text` has none.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Equal, with ASCII letters compared without case (RFC 9110 2.1: literals of the grammar).
constexpr bool same_word(std::string_view a, std::string_view b) noexcept {
  constexpr auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// The first control character, tabs included; `end` if there is none. Looks at 8 bytes at a time: most bytes of a head go through
/// here. Bytes from 0x80 are never found.
inline const char* find_control(const char* at, const char* end) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = ones * 0x80;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    // A byte that is too small borrows, and gets a top bit that it did not have; DEL is the byte that is 0 after the xor.
    const std::uint64_t without_del = word ^ (ones * 0x7f);
    if ((((word - ones * ' ') & ~word) | ((without_del - ones) & ~without_del)) & tops) break;
  }
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < ' ' || byte == 0x7f) break;
  }
  return at;
}

}  // namespace sampan::http
