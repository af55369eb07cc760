#include "text/shell_quote.h"

#include <algorithm>

#include "text/escape.h"

namespace sampan::text {

namespace {

bool needs_no_quotes(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("%+,-./:=@_").find(c) != std::string_view::npos;
}

// Octal, since hexadecimal digits behind `\xHH` could be taken for more of it.
std::string quote_bytes(std::string_view word) {
  std::string made = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      made.append({'\\', c});
    } else if (byte >= 0x20 && byte < 0x7f) {
      made += c;
    } else {
      made += '\\';
      for (const int shift : {6, 3, 0}) made += static_cast<char>('0' + ((byte >> shift) & 7));
    }
  }
  return made + '\'';
}

}  // namespace

std::string quote_shell(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), needs_no_quotes)) return std::string(word);
  if (escape_terminal(word) != word) return quote_bytes(word);
  std::string made = "'";
  for (const char c : word) made += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return made + '\'';
}

}  // namespace sampan::text
