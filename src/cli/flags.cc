#include "cli/flags.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "cli/config_file.h"
#include "cli/i18n.h"
#include "net/address.h"

namespace sampan::cli {

namespace {

std::string environment_name(const command& about, const flag& one) {
  std::string name = fmt::format("SAMPAN_{}_{}", about.name, long_name(one).substr(2));
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::vector<std::string> split(const std::string& text, repeats how) {
  if (how == repeats::no) return {text};
  std::istringstream in(text);
  if (how == repeats::words) return {std::istream_iterator<std::string>(in), {}};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

error bad_value(const std::string& option, const std::string& value, const char* expected) {
  return error::make(errc::bad_value, "read", option + ' ' + value, expected);
}

result<arguments> from_environment(const command& about) {
  arguments made;
  for (const flag& one : about.flags) {
    const std::string name = environment_name(about, one);
    const char* value = std::getenv(name.c_str());
    if (!value) continue;
    const std::string text = value;
    if (one.value) {
      made.set(long_name(one), split(text, one.repeated), name);
    } else if (text == "0" || text == "1") {
      made.set_switch(long_name(one), text == "1", name);
    } else {
      return bad_value(name, text, _("0 or 1"));
    }
  }
  return made;
}

/// What CLI11 puts values into; the addresses must stay.
struct receivers {
  std::map<std::string, std::vector<std::string>> texts;
  std::map<std::string, bool> switches;
};

void declare(CLI::App& app, const command& about, receivers& into) {
  app.set_help_flag();
  for (const flag& one : about.flags) {
    const std::string name = long_name(one);
    if (one.value) {
      app.add_option(one.names, into.texts[name])->allow_extra_args(false)->take_all();
    } else {
      app.add_flag(one.names, into.switches[name]);
    }
  }
  // Arguments are what CLI11 leaves over: those it takes itself it splits at commas when they stand in brackets.
  app.allow_extras();
}

result<arguments> from_words(const command& about, std::vector<std::string> words) {
  arguments made;
  CLI::App app;
  receivers got;
  declare(app, about, got);
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
    made.add_positional(word);
  }
  if (end_of_options != words.end())
    std::for_each(end_of_options + 1, words.end(), [&](auto& w) { made.add_positional(w); });
  for (auto& [name, list] : got.texts) {
    if (app.count(name) != 0) made.set(name, std::move(list), name);
  }
  for (const auto& [name, on] : got.switches) {
    if (app.count(name) != 0) made.set_switch(name, on, name);
  }
  if (made.positional().size() > about.most_arguments) {
    return error::make(errc::bad_value, "read", made.positional()[about.most_arguments], _("one argument too many"));
  }
  return made;
}

}  // namespace

std::string long_name(const flag& one) {
  const std::string names = one.names;
  return names.substr(names.rfind(',') + 1);
}

result<arguments> parse(const command& about, const std::vector<std::string>& words) {
  arguments all;
  const auto add = [&](const result<arguments>& source) -> result<void> {
    if (!source) return source.error();
    return all.take_missing(*source, about);
  };
  if (auto good = add(from_words(about, words)); !good) return good.error();
  if (about.from_environment) {
    if (auto good = add(from_environment(about)); !good) return good.error();
  }
  if (about.argument_key && all.has("--config")) {
    if (auto good = add(read_config_file(all.text("--config"), about)); !good) return good.error();
  }
  return all;
}

void arguments::set(const std::string& name, std::vector<std::string> values, std::string source) {
  said_[name] = {std::move(values), true, std::move(source)};
}

void arguments::set_switch(const std::string& name, bool on, std::string source) {
  said_[name] = {{}, on, std::move(source)};
}

result<void> arguments::take_missing(const arguments& lower, const command& about) {
  const auto before = said_;
  for (const flag& one : about.flags) {
    const std::string name = long_name(one);
    const std::string opposite = one.opposite ? one.opposite : "";
    const auto found = lower.said_.find(name);
    if (found == lower.said_.end()) continue;
    const auto contrary = lower.said_.find(opposite);
    if (contrary != lower.said_.end() && contrary->second.on == found->second.on) {
      return error::make(errc::bad_value, "read", found->second.source + ' ' + contrary->second.source,
                         _("they contradict each other"));
    }
    if (!before.contains(name) && !before.contains(opposite)) said_.insert(*found);
  }
  if (positional_.empty()) positional_ = lower.positional_;
  return {};
}

bool arguments::has(const std::string& name) const {
  const auto found = said_.find(name);
  return found != said_.end() && found->second.on;
}

bool arguments::on(const std::string& name, bool otherwise) const {
  const auto found = said_.find(name);
  return found == said_.end() ? otherwise : found->second.on;
}

std::string arguments::text(const std::string& name, std::string_view otherwise) const {
  const auto found = said_.find(name);
  return found == said_.end() || found->second.values.empty() ? std::string(otherwise) : found->second.values.back();
}

std::string arguments::source(const std::string& name) const {
  const auto found = said_.find(name);
  return found == said_.end() ? name : found->second.source;
}

std::vector<std::string> arguments::list(const std::string& name) const {
  const auto found = said_.find(name);
  return found == said_.end() ? std::vector<std::string>{} : found->second.values;
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
