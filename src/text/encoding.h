// The encodings that sampan talks, by name.
#pragma once

#include <string>
#include <string_view>

#include "sampan/error.h"

namespace sampan::text {

/// An encoding of the allow-list. Which table each one means:
enum class encoding {
  gbk,  ///< GBK as Python's `gbk` codec has it (the course's peers). Decoding also takes 0x80 as €, and GB 18030's characters
  gb2312,  ///< GB 2312's characters at GBK's code points: a1a4 is U+00B7 and a1aa U+2014, not U+30FB and U+2015 as in the
  ///< standard's old table, since that is what those who say "gb2312" type and see. Decodes like gbk, encodes GB 2312 only
  gb18030,  ///< as glibc has it, 2005 and later: a6d9 is U+FE10 (Python 3.11 has the 2000 table: private use for those 25 pairs)
  big5,  ///< as glibc has it: Windows' cp950 with ETEN's f9d6-f9fe, but private use for c6a1-c8fe, where ETEN has kana and Cyrillic
  cp932,  ///< Windows' Shift_JIS: 5c is the backslash, 8160 is U+FF5E
  euc_jp,
  euc_kr,
  koi8_r,
  windows_1251,
  windows_1252,
  iso_8859_1,
  utf8,
  utf16_le,  ///< no byte order mark is added or removed
  utf16_be,  ///< likewise
  ascii,
};

/// Looks an encoding up by name; case does not count, `_` counts as `-`.
/// @error errc::unknown_encoding: not in the list; subject: the name, detail: encoding_names().
/// Cost: O(list). Thread: pure.
result<encoding> find_encoding(std::string_view name);

/// The name to show: `gbk`, `shift_jis`, `utf-16le`…
const char* encoding_name(encoding which) noexcept;

/// All names to show, separated by `, `.
std::string encoding_names();

/// What glibc's iconv calls the table; nullptr for utf8, which needs none.
const char* iconv_name(encoding which) noexcept;

/// True when a byte below 0x80 that begins a character is always that ASCII character (all but UTF-16).
bool has_ascii(encoding which) noexcept;

/// True for the East Asian encodings of one to four bytes. In them a single byte from 0x80 to 0xa0 or over
/// 0xfc stands for nothing, though glibc's tables let some of them through.
bool is_multibyte(encoding which) noexcept;

}  // namespace sampan::text
