#include "cli/flags.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "cli/i18n.h"
#include "net/address.h"

namespace sampan::cli {

namespace {

std::string long_name(const flag& one) {
  const std::string names = one.names;
  return names.substr(names.rfind(',') + 1);
}

std::string environment_name(const command& about, const flag& one) {
  std::string name = fmt::format("SAMPAN_{}_{}", about.name, long_name(one).substr(2));
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

error bad_value(const std::string& option, const std::string& value, const char* expected) {
  return error::make(errc::bad_value, "read", option + ' ' + value, expected);
}

}  // namespace

struct parsing {
  static result<void> from_environment(const command& about, arguments& into) {
    for (const flag& one : about.flags) {
      const std::string name = environment_name(about, one);
      const char* value = std::getenv(name.c_str());
      if (!value || into.has(long_name(one))) continue;
      const std::string text = value;
      into.sources_[long_name(one)] = name;
      if (one.value) {
        into.values_[long_name(one)] = one.repeatable ? words_of(text) : std::vector{text};
      } else if (text == "1") {
        into.values_[long_name(one)] = {};
      } else if (text != "0") {
        return bad_value(name, text, _("0 or 1"));
      }
    }
    return {};
  }

  static result<arguments> from_words(const command& about, std::vector<std::string> words) {
    arguments made;
    CLI::App app;
    app.set_help_flag();
    std::map<std::string, std::vector<std::string>> texts;
    std::map<std::string, bool> switches;
    for (const flag& one : about.flags) {
      const std::string name = long_name(one);
      if (one.value) {
        app.add_option(one.names, texts[name])->allow_extra_args(false)->take_all();
      } else {
        app.add_flag(one.names, switches[name]);
      }
    }
    // Arguments are what CLI11 leaves over: those it takes itself it splits at commas when they stand in brackets.
    app.allow_extras();
    const auto end_of_options = std::find(words.begin(), words.end(), "--");
    std::vector<std::string> backwards(std::make_reverse_iterator(end_of_options), words.rend());
    try {
      app.parse(backwards);
    } catch (const CLI::ArgumentMismatch& wrong) {
      return error::make(errc::bad_value, "read", wrong.what(), _("an option lacks its value, or has one too many"));
    } catch (const CLI::ParseError& wrong) {
      return error::make(errc::bad_value, "read", "the command line", wrong.what());
    }
    for (const std::string& word : app.remaining()) {
      if (word.starts_with('-') && word != "-") return error::make(errc::bad_value, "read", word, _("unknown option"));
      made.positional_.push_back(word);
    }
    if (end_of_options != words.end()) made.positional_.insert(made.positional_.end(), end_of_options + 1, words.end());
    for (auto& [name, list] : texts) {
      const bool given = app.count(name) != 0;
      if (given) made.values_[name] = std::move(list);
    }
    for (const auto& [name, on] : switches) {
      if (on) made.values_[name] = {};
    }
    if (made.positional_.size() > about.most_arguments) {
      return error::make(errc::bad_value, "read", made.positional_[about.most_arguments], _("one argument too many"));
    }
    return made;
  }
};

result<arguments> parse(const command& about, const std::vector<std::string>& words) {
  auto made = parsing::from_words(about, words);
  if (made && about.from_environment) {
    if (auto good = parsing::from_environment(about, *made); !good) return good.error();
  }
  return made;
}

std::string arguments::text(const std::string& name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::string(otherwise) : found->second.back();
}

std::string arguments::source(const std::string& name) const {
  const auto found = sources_.find(name);
  return found == sources_.end() ? name : found->second;
}

std::vector<std::string> arguments::list(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

result<std::uint64_t> arguments::number(const std::string& name, std::uint64_t otherwise, std::uint64_t least) const {
  if (!has(name)) return otherwise;
  const std::string given = text(name);
  std::uint64_t value = 0;
  const auto [end, bad] = std::from_chars(given.data(), given.data() + given.size(), value);
  constexpr std::uint64_t most = 1'000'000'000;  // nothing that is counted here has a use for more
  if (bad != std::errc() || end != given.data() + given.size() || value < least || value > most) {
    return bad_value(source(name), given, least == 0 ? _("a whole number from 0") : _("a whole number from 1"));
  }
  return value;
}

result<std::uint16_t> arguments::port(const std::string& name, std::uint16_t otherwise, std::uint16_t least) const {
  if (!has(name)) return otherwise;
  auto port = net::parse_port(text(name), least);
  if (!port) {
    return error::make(errc::bad_port, "read", source(name) + ' ' + text(name),
                       least == 0 ? _("or 0 for any free one") : "");
  }
  return port;
}

result<std::chrono::milliseconds> arguments::duration(const std::string& name,
                                                      std::chrono::milliseconds otherwise) const {
  if (!has(name)) return otherwise;
  if (auto value = parse_duration(text(name))) return *value;
  return bad_value(source(name), text(name), _("seconds such as 5 or 0.5, or with a unit: 500ms, 5s, 2m"));
}

result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  double value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double factor = 0;
  if (unit.empty() || unit == "s") factor = 1000;
  if (unit == "ms") factor = 1;
  if (unit == "m") factor = 60'000;
  constexpr double day = 86'400'000;
  const double length = value * factor;
  if (bad != std::errc() || factor == 0 || !(length >= 0) || length > day) {
    return error::make(errc::bad_value, "read", text);
  }
  return std::chrono::milliseconds(std::llround(std::ceil(length)));
}

std::string help_text(const command& about) {
  std::string text = fmt::format("{} sampan {} [{}] {}\n\n{}\n\n{}\n", _("usage:"), about.name, _("options"),
                                 about.arguments, _(about.summary), _("options:"));
  for (const flag& one : about.flags) {
    std::string names = one.names;
    if (const auto comma = names.find(','); comma != std::string::npos)
      names.replace(comma, 1, ", ");
    else
      names.insert(0, "    ");
    if (one.value) names += fmt::format(" {}", one.value);
    text += fmt::format("  {:<28} {}\n", names, _(one.help));
  }
  if (about.from_environment && !about.flags.empty()) {
    text += fmt::format("\n{} {}=…\n", _("Every long option can also come from the environment:"),
                        environment_name(about, about.flags.front()));
  }
  return text;
}

}  // namespace sampan::cli
