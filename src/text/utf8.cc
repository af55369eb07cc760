#include "text/utf8.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace sampan::text {
namespace {

constexpr unsigned byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

/// The lead byte decides the length and, for four of them, narrows the second byte: this is the whole of RFC 3629's grammar.
struct lead {
  std::size_t length;  // 0: no character begins with this byte
  unsigned low, high;  // what the second byte may be
};

constexpr lead classify(unsigned first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xc2) return {0, 0, 0};  // continuation bytes, and C0/C1: overlong ASCII
  if (first < 0xe0) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};  // less would be overlong
  if (first == 0xed) return {3, 0x80, 0x9f};  // more would be a surrogate
  if (first < 0xf0) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};  // less would be overlong
  if (first < 0xf4) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};  // more would pass U+10FFFF
  return {0, 0, 0};
}

struct range {
  char32_t first, last;
};

// Merged from the W and F entries of EastAsianWidth.txt; unassigned holes inside a CJK block are wide too (UAX #11, section 5).
constexpr range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},
    {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},
    {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},
    {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},
    {0x2e80, 0x303e},   {0x3041, 0x3247},   {0x3250, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c},
    {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4},
    {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e},
    {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f},
    {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6d7}, {0x1f6dc, 0x1f6df},
    {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f7f0, 0x1f7f0}, {0x1f90c, 0x1f93a},
    {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

// Combining marks that file names and chat meet, and what a terminal draws nothing for.
constexpr range zero[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x20d0, 0x20ff},   {0x302a, 0x302d},
    {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0001, 0xe01ef},
};

template <std::size_t N>
bool within(const range (&table)[N], char32_t c) noexcept {
  const range* after =
      std::upper_bound(std::begin(table), std::end(table), c, [](char32_t v, const range& r) { return v < r.first; });
  return after != std::begin(table) && c <= std::prev(after)->last;
}

}  // namespace

utf8_char decode_utf8(std::string_view bytes) noexcept {
  if (bytes.empty()) return {utf8_status::incomplete, 0, 0};
  const unsigned first = byte_at(bytes, 0);
  const lead l = classify(first);
  if (l.length == 0) return {utf8_status::invalid, 0, 1};
  if (l.length == 1) return {utf8_status::ok, first, 1};
  char32_t c = first & (0x7fU >> l.length);
  for (std::size_t i = 1; i < l.length; ++i) {
    if (i == bytes.size()) return {utf8_status::incomplete, 0, i};
    const unsigned b = byte_at(bytes, i);
    const bool fits = i == 1 ? b >= l.low && b <= l.high : (b & 0xc0U) == 0x80;
    if (!fits) return {utf8_status::invalid, 0, 1};
    c = (c << 6) | (b & 0x3fU);
  }
  return {utf8_status::ok, c, l.length};
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const utf8_char c = decode_utf8(bytes);
    if (c.status != utf8_status::ok) return false;
    bytes.remove_prefix(c.length);
  }
  return true;
}

void append_utf8(std::string& out, char32_t c) {
  assert(c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff));
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto tail = [&put, c](unsigned shift) { put(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      put(0xe0 | (c >> 12));
    } else {
      put(0xf0 | (c >> 18));
      tail(12);
    }
    tail(6);
  }
  tail(0);
}

std::size_t display_width(std::string_view utf8) noexcept {
  std::size_t columns = 0;
  while (!utf8.empty()) {
    const utf8_char c = decode_utf8(utf8);
    if (c.status == utf8_status::ok) {
      columns += within(zero, c.code_point) ? 0 : within(wide, c.code_point) ? 2 : 1;
      utf8.remove_prefix(c.length);
    } else {
      columns += 1;
      utf8.remove_prefix(1);
    }
  }
  return columns;
}

}  // namespace sampan::text
