#include "cli/config_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "base/unique_fd.h"
#include "cli/i18n.h"
#include "cli/messages.h"

namespace sampan::cli {

namespace {

// No set of options comes near it, and a device named by mistake must not fill the memory.
constexpr std::size_t most_bytes = 1 << 20;

error wrong(const std::string& where, std::string_view why) { return error::make(errc::bad_value, "read", where, why); }

const flag* find_flag(const command& about, std::string_view key) {
  for (const flag& one : about.flags) {
    const std::string name = long_name(one).substr(2);
    if (name == key && key != "config" && key != "help") return &one;
  }
  return nullptr;
}

const char* expected(const flag& about) {
  if (!about.value) return _("true or false is needed");
  if (std::strcmp(about.value, "N") == 0) return _("a whole number is needed, without quotes");
  if (std::strcmp(about.value, "TIME") == 0) return _("a number of seconds is needed, or a string such as \"500ms\"");
  return about.repeated == repeats::no ? _("a string is needed") : _("a string or an array of strings is needed");
}

/// The value as the command line would have it; none: a type that does not fit.
std::optional<std::string> text_of(const toml::node& value, const char* kind) {
  const bool number = std::strcmp(kind, "N") == 0;
  const bool time = std::strcmp(kind, "TIME") == 0;
  if (const auto* whole = value.as_integer(); whole && (number || time)) return fmt::to_string(whole->get());
  if (const auto* real = value.as_floating_point(); real && time) return fmt::to_string(real->get());
  const auto* words = value.as_string();
  if (!words || number || words->get().find('\0') != std::string::npos) return {};  // NUL would end it elsewhere
  return words->get();
}

std::optional<std::vector<std::string>> values_of(const toml::node& value, const flag& about) {
  std::vector<std::string> values;
  const auto add = [&](const toml::node& one) {
    auto text = text_of(one, about.value);
    if (text) values.push_back(std::move(*text));
    return text.has_value();
  };
  const auto* list = about.repeated == repeats::no ? nullptr : value.as_array();
  if (!list) return add(value) ? std::optional(values) : std::nullopt;
  for (const toml::node& one : *list) {
    if (!add(one)) return {};
  }
  return values;
}

result<void> take(const flag& about, const toml::node& value, const std::string& where, arguments& into) {
  if (about.value) {
    auto values = values_of(value, about);
    if (!values) return wrong(where, expected(about));
    into.set(long_name(about), std::move(*values), where);
  } else {
    const auto* on = value.as_boolean();
    if (!on) return wrong(where, expected(about));
    into.set_switch(long_name(about), on->get(), where);
  }
  return {};
}

}  // namespace

result<arguments> read_config_file(const std::string& path, const command& about) {
  const base::unique_fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return wrong(path, system_reason(errno));
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto got = read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return wrong(path, system_reason(errno));
    if (got == 0) return parse_config(text, path, about);
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > most_bytes) return wrong(path, _("a configuration file has at most 1 MiB"));
  }
}

result<arguments> parse_config(std::string_view text, const std::string& name, const command& about) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& why = parsed.error();
    return wrong(fmt::format("{}:{}", name, why.source().begin.line), why.description());
  }
  arguments made;
  const flag argument{about.argument_key, "PATH"};
  for (const auto& [key, value] : parsed.table()) {
    const std::string where = fmt::format("{}:{} {}", name, key.source().begin.line, key.str());
    if (key.str() == about.argument_key) {
      auto path = values_of(value, argument);
      if (!path) return wrong(where, expected(argument));
      made.add_positional(std::move(path->front()));
    } else if (const flag* known = find_flag(about, key.str())) {
      if (auto good = take(*known, value, where, made); !good) return good.error();
    } else {
      return wrong(where, _("unknown key"));
    }
  }
  return made;
}

}  // namespace sampan::cli
