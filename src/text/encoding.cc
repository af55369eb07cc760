#include "text/encoding.h"

#include <algorithm>
#include <array>

namespace sampan::text {
namespace {

struct entry {
  encoding which;
  const char* name;
  const char* iconv;
  std::array<const char*, 5> aliases;  // lower case, with '-' for '_'
};

// One row per enumerator, in its order (checked by the unit test).
constexpr entry table[] = {
    {encoding::gbk, "gbk", "GBK", {"cp936", "ms936", "windows-936"}},
    {encoding::gb2312, "gb2312", "GBK", {"euc-cn", "gb-2312"}},
    {encoding::gb18030, "gb18030", "GB18030", {"gb-18030"}},
    {encoding::big5, "big5", "BIG5", {"big-5", "cp950"}},
    {encoding::cp932, "shift_jis", "CP932", {"shift-jis", "cp932", "sjis", "ms932", "windows-31j"}},
    {encoding::euc_jp, "euc-jp", "EUC-JP", {"eucjp"}},
    {encoding::euc_kr, "euc-kr", "EUC-KR", {"euckr"}},
    {encoding::koi8_r, "koi8-r", "KOI8-R", {"koi8r"}},
    {encoding::windows_1251, "windows-1251", "CP1251", {"cp1251"}},
    {encoding::windows_1252, "windows-1252", "CP1252", {"cp1252"}},
    {encoding::iso_8859_1, "iso-8859-1", "ISO-8859-1", {"latin1", "latin-1", "iso8859-1"}},
    {encoding::utf8, "utf-8", nullptr, {"utf8"}},
    {encoding::utf16_le, "utf-16le", "UTF-16LE", {"utf16le", "utf-16-le"}},
    {encoding::utf16_be, "utf-16be", "UTF-16BE", {"utf16be", "utf-16-be"}},
    {encoding::ascii, "ascii", "ASCII", {"us-ascii"}},
};

const entry& row(encoding which) noexcept { return table[static_cast<std::size_t>(which)]; }

// Not tolower(): under a Turkish locale it would not find ISO.
char plain(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c; }

bool same_name(std::string_view given, const char* known) noexcept {
  return known && std::ranges::equal(given, std::string_view(known), {}, plain, plain);
}

}  // namespace

result<encoding> find_encoding(std::string_view name) {
  for (const entry& e : table) {
    if (same_name(name, e.name)) return e.which;
    for (const char* alias : e.aliases) {
      if (same_name(name, alias)) return e.which;
    }
  }
  return error::make(errc::unknown_encoding, "use the encoding", name, encoding_names());
}

const char* encoding_name(encoding which) noexcept { return row(which).name; }

std::string encoding_names() {
  std::string names;
  for (const entry& e : table) {
    if (!names.empty()) names += ", ";
    names += e.name;
  }
  return names;
}

const char* iconv_name(encoding which) noexcept { return row(which).iconv; }

bool has_ascii(encoding which) noexcept { return which != encoding::utf16_le && which != encoding::utf16_be; }

bool is_multibyte(encoding which) noexcept { return which <= encoding::euc_kr; }

}  // namespace sampan::text
