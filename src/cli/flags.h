// One table of options a command: it feeds the parser, --help, the environment's names and the configuration file's keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sampan/error.h"

namespace sampan::cli {

/// Whether an option may be given several times, and how one environment variable holds several values.
enum class repeats {
  no,
  words,  ///< split at blanks
  lines,  ///< split at line ends, for values with blanks
};

/// One option.
struct flag {
  const char* names;            ///< `-p,--port`: the long name last
  const char* value = nullptr;  ///< what --help calls its value: `N` is a number, `TIME` a length; nullptr: a switch
  const char* help = "";        ///< English, marked with N_
  repeats repeated = repeats::no;
  const char* opposite = nullptr;  ///< long name of the switch that says the contrary
};

/// One sub-command.
struct command {
  const char* name;
  const char* arguments;  ///< as --help shows them: `[PATH]`
  const char* summary;    ///< English, marked with N_
  std::span<const flag> flags;
  std::size_t most_arguments;
  bool from_environment;  ///< options can come from SAMPAN_NAME_OPTION
  /// What a configuration file (--config) calls the argument; nullptr: there is no such file.
  const char* argument_key = nullptr;
};

/// `--port` of `-p,--port`.
std::string long_name(const flag& one);

/// What the user said, checked against the table but not interpreted, and where. Options go by their `--long-name`.
class arguments {
 public:
  const std::vector<std::string>& positional() const noexcept { return positional_; }
  /// False also for a switch that was turned off.
  bool has(const std::string& name) const;
  /// A switch that was turned on, or turned off (`--hidden=false`, a variable's 0), else `otherwise`.
  bool on(const std::string& name, bool otherwise = false) const;
  std::string text(const std::string& name, std::string_view otherwise = {}) const;
  std::vector<std::string> list(const std::string& name) const;

  /// Where its value came from, for messages: the option, the environment's variable, or `FILE:LINE KEY`.
  std::string source(const std::string& name) const;

  // Interpreted; @error errc::bad_value or errc::bad_port, the subject naming source and value.
  result<std::uint64_t> number(const std::string& name, std::uint64_t otherwise, std::uint64_t least = 0) const;
  result<std::uint16_t> port(const std::string& name, std::uint16_t otherwise, std::uint16_t least) const;
  result<std::chrono::milliseconds> duration(const std::string& name, std::chrono::milliseconds otherwise) const;

  // For what reads one source.
  void set(const std::string& name, std::vector<std::string> values, std::string source);
  void set_switch(const std::string& name, bool on, std::string source);
  void add_positional(std::string word) { positional_.push_back(std::move(word)); }
  /// Takes from a source of less weight what was said neither here nor by an opposite here.
  /// @error errc::bad_value if `lower` says a switch and its opposite
  result<void> take_missing(const arguments& lower, const command& about);

 private:
  struct said {
    std::vector<std::string> values;
    bool on = true;
    std::string source;
  };
  std::map<std::string, said> said_;
  std::vector<std::string> positional_;
};

/// Parses the words after the command's name; then what they leave open is taken from the environment, and then from the file that
/// --config names, where the command has these. @error errc::bad_value with a translated detail
result<arguments> parse(const command& about, const std::vector<std::string>& words);

/// `5`, `0.5`, `500ms`, `5s`, `2m`: seconds unless a unit is given; up to a day. @error errc::bad_value
result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// What `sampan help NAME` prints.
std::string help_text(const command& about);

}  // namespace sampan::cli
