#include "http/structured_field.h"

#include <algorithm>

#include "http/characters.h"
#include "http/field_syntax.h"
#include "text/base64.h"

namespace sampan::http {

namespace {

constexpr bool is_small_letter(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) noexcept { return is_small_letter(c) || (c >= 'A' && c <= 'Z'); }
constexpr bool is_key_character(char c) noexcept {
  return is_small_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}

// Takes what it reads off the front; each function says whether that was well-formed. RFC 8941 4.2.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  bool is_done() const noexcept { return rest_.empty(); }
  bool take(char c) noexcept {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void pass_spaces() noexcept {
    take_while([](char c) { return c == ' '; });
  }
  void pass_blanks() noexcept { take_while(is_blank); }

  // 4.2.3.3. Empty where there is none.
  std::string_view take_key() noexcept {
    if (rest_.empty() || !(is_small_letter(rest_[0]) || rest_[0] == '*')) return {};
    return take_while(is_key_character);
  }

  // 4.2.1.1, with its parameters.
  bool pass_item_or_list(dictionary_member& into) {
    if (!take('(')) return pass_bare_item(into) && pass_parameters();
    for (pass_spaces(); !take(')'); pass_spaces()) {
      dictionary_member inner;
      if (!pass_bare_item(inner) || !pass_parameters()) return false;
      if (!rest_.starts_with(' ') && !rest_.starts_with(')')) return false;
    }
    return pass_parameters();
  }

  // 4.2.3.2.
  bool pass_parameters() {
    while (take(';')) {
      pass_spaces();
      dictionary_member value;
      if (take_key().empty() || (take('=') && !pass_bare_item(value))) return false;
    }
    return true;
  }

 private:
  template <class Predicate>
  std::string_view take_while(Predicate holds) noexcept {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), holds) - rest_.begin();
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // 4.2.3.1.
  bool pass_bare_item(dictionary_member& into) {
    if (rest_.empty()) return false;
    const char first = rest_[0];
    if (first == '-' || is_digit(first)) return pass_number(into);
    if (take('"')) return pass_string();
    if (take(':')) return pass_bytes(into);
    if (take('?')) return take('0') || take('1');
    if (first != '*' && !is_letter(first)) return false;
    take_while([](char c) { return is_token_character(c) || c == ':' || c == '/'; });
    return true;
  }

  // 4.2.4: 15 digits, or 12 with up to three behind a point.
  bool pass_number(dictionary_member& into) {
    constexpr std::size_t most_digits = 15, most_before_point = 12, most_behind_point = 3;
    const bool is_negative = take('-');
    const auto digits = take_while(is_digit);
    if (take('.')) {
      const auto behind = take_while(is_digit).size();
      return !digits.empty() && digits.size() <= most_before_point && behind >= 1 && behind <= most_behind_point;
    }
    const auto value = parse_digits(digits, most_digits);
    if (!value) return false;
    into.integer = static_cast<std::int64_t>(*value) * (is_negative ? -1 : 1);
    return true;
  }

  // 4.2.5, behind the quote.
  bool pass_string() noexcept {
    for (;;) {
      take_while([](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
      if (take('"')) return true;
      if (!take('\\') || !(take('"') || take('\\'))) return false;
    }
  }

  // 4.2.7, behind the colon.
  bool pass_bytes(dictionary_member& into) {
    std::string encoded(take_while([](char c) { return c != ':'; }));
    while (encoded.size() % 4 != 0) encoded += '=';
    into.bytes = text::base64_decode(encoded);
    return take(':') && into.bytes;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<dictionary_member>> parse_dictionary(std::string_view text) {
  std::vector<dictionary_member> members;
  if (text.size() > longest_dictionary) return std::nullopt;
  reader from(text);
  from.pass_spaces();
  while (!from.is_done()) {
    if (members.size() == most_dictionary_members) return std::nullopt;
    dictionary_member& member = members.emplace_back();
    member.key = from.take_key();
    if (member.key.empty() || !(from.take('=') ? from.pass_item_or_list(member) : from.pass_parameters()))
      return std::nullopt;
    from.pass_blanks();
    if (from.is_done()) break;
    if (!from.take(',')) return std::nullopt;
    from.pass_blanks();
    if (from.is_done()) return std::nullopt;
  }
  return members;
}

}  // namespace sampan::http
