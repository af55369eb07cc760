#include "talk/command.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace sampan::talk {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text = trimmed(text.substr(word.size()));
  return word;
}

std::optional<std::uint64_t> read_number(std::string_view word) {
  std::uint64_t number = 0;
  const auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (bad != std::errc() || end != word.data() + word.size() || number == 0) return std::nullopt;
  return number;
}

// `@2 ` or `@all `, taken from the front; 0 for all; none: neither.
std::optional<std::uint64_t> take_addressee(std::string_view& line) {
  const auto blank = line.find(' ');
  if (!line.starts_with('@') || blank == std::string_view::npos) return std::nullopt;
  const std::string_view who = line.substr(1, blank - 1);
  const auto number = who == "all" ? std::optional<std::uint64_t>(0) : read_number(who);
  if (number) line.remove_prefix(blank + 1);
  return number;
}

constexpr std::array<std::pair<std::string_view, command_kind>, 6> words{{{"/hex", command_kind::hex},
                                                                          {"/quit", command_kind::quit},
                                                                          {"/who", command_kind::who},
                                                                          {"/kick", command_kind::kick},
                                                                          {"/encoding", command_kind::encoding},
                                                                          {"/escapes", command_kind::escapes}}};

// Whether the arguments, which are taken apart, are those of the command.
bool arguments_fit(typed_command& made, std::string_view rest) {
  switch (made.kind) {
    case command_kind::quit:
    case command_kind::who: return rest.empty();
    case command_kind::kick: made.client = read_number(rest).value_or(0); return made.client != 0;
    case command_kind::encoding:
      if (std::string_view after = rest; const auto number = read_number(take_word(after))) {
        made.client = *number;
        rest = after;
      }
      made.text = rest;
      return !rest.empty() && rest.find(' ') == std::string_view::npos;
    case command_kind::escapes: made.text = rest; return rest == "on" || rest == "off";
    default: made.text = rest; return !rest.empty();
  }
}

}  // namespace

typed_command read_command(std::string_view line) {
  typed_command made;
  std::string_view rest = line;
  const auto addressee = take_addressee(rest);
  made.client = addressee.value_or(0);
  made.to_all = addressee && made.client == 0;
  if (rest.starts_with("//"))
    rest.remove_prefix(1);
  else if (rest.starts_with('/')) {
    std::string_view arguments = trimmed(rest);
    const std::string_view word = take_word(arguments);
    made.kind = command_kind::other;
    for (const auto& [name, kind] : words) {
      if (word == name) made.kind = kind;
    }
    const bool misdirected = addressee && made.kind != command_kind::hex;
    if (made.kind != command_kind::other && !misdirected && arguments_fit(made, arguments)) return made;
    return {made.kind == command_kind::other && !addressee ? command_kind::other : command_kind::wrong, 0,
            std::string(trimmed(line))};
  }
  made.text = rest;
  return made;
}

}  // namespace sampan::talk
