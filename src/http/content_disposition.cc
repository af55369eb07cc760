#include "http/content_disposition.h"

#include <optional>

#include "http/characters.h"
#include "http/field_syntax.h"
#include "text/hex.h"
#include "text/percent.h"
#include "text/utf8.h"

namespace sampan::http {

namespace {

// A quoted string without quotes and backslashes, up to its end; any other text as it is. RFC 9110 5.6.4.
std::string unquoted(std::string_view value) {
  if (!value.starts_with('"')) return std::string(value);
  std::string text;
  for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

std::string from_latin_1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text::append_utf8(text, static_cast<unsigned char>(c));
  return text;
}

bool is_percent_encoded(std::string_view text) {
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 3)) {
    if (text.size() - at < 3 || text::hex_value(text[at + 1]) < 0 || text::hex_value(text[at + 2]) < 0) return false;
  }
  return text::is_utf8(text);
}

// CHARSET'LANGUAGE'TEXT, RFC 8187 3.2.1; nothing where it is broken or empty.
std::string extended(std::string_view value) {
  const auto charset_end = value.find('\'');
  const auto language_end = charset_end == value.npos ? value.npos : value.find('\'', charset_end + 1);
  if (language_end == value.npos) return {};
  const auto charset = value.substr(0, charset_end);
  const auto encoded = value.substr(language_end + 1);
  if (!is_percent_encoded(encoded)) return {};
  const auto bytes = text::percent_decode(encoded);
  if (same_word(charset, "ISO-8859-1")) return from_latin_1(bytes);
  return same_word(charset, "UTF-8") && text::is_utf8(bytes) ? bytes : std::string();
}

std::string plain(std::string_view value) {
  const auto word = value.find("=?");
  if (word != value.npos && value.find("?=", word + 2) != value.npos) return {};
  return text::is_utf8(value) ? std::string(value) : from_latin_1(value);
}

}  // namespace

std::string disposition_file_name(std::string_view field_value) {
  if (field_value.size() > longest_disposition) return {};
  std::optional<std::string> name, extended_name;
  while (!field_value.empty()) {
    const auto parameter = take_member(field_value, ';');
    const auto equals = parameter.find('=');
    if (equals == parameter.npos) continue;
    const auto key = trim(parameter.substr(0, equals));
    const auto value = trim(parameter.substr(equals + 1));
    if (!name && same_word(key, "filename")) name = plain(unquoted(value));
    if (!extended_name && same_word(key, "filename*")) extended_name = extended(unquoted(value));
  }
  auto chosen = extended_name.value_or("");
  const auto has_nul = [](const std::string& text) { return text.find('\0') != text.npos; };
  if (chosen.empty() || has_nul(chosen)) chosen = name.value_or("");
  return has_nul(chosen) ? std::string() : chosen;
}

}  // namespace sampan::http
