// One table of options a command: it feeds the parser, --help and the environment's names.
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

/// One option.
struct flag {
  const char* names;            ///< `-p,--port`: the long name last
  const char* value = nullptr;  ///< what --help calls its value; nullptr: a switch
  const char* help = "";        ///< English, marked with N_
  bool repeatable = false;
};

/// One sub-command.
struct command {
  const char* name;
  const char* arguments;  ///< as --help shows them: `[PATH]`
  const char* summary;    ///< English, marked with N_
  std::span<const flag> flags;
  std::size_t most_arguments;
  bool from_environment;  ///< options can come from SAMPAN_NAME_OPTION
};

/// What the user typed, checked against the table but not interpreted.
class arguments {
 public:
  const std::vector<std::string>& positional() const noexcept { return positional_; }
  bool has(const std::string& long_name) const { return values_.contains(long_name); }
  std::string text(const std::string& long_name, std::string_view otherwise = {}) const;
  std::vector<std::string> list(const std::string& long_name) const;

  /// Where its value came from, for messages: the option, or the environment's variable.
  std::string source(const std::string& long_name) const;

  // Interpreted; @error errc::bad_value or errc::bad_port, the subject naming option and value.
  result<std::uint64_t> number(const std::string& long_name, std::uint64_t otherwise, std::uint64_t least = 0) const;
  result<std::uint16_t> port(const std::string& long_name, std::uint16_t otherwise, std::uint16_t least) const;
  result<std::chrono::milliseconds> duration(const std::string& long_name, std::chrono::milliseconds otherwise) const;

 private:
  friend struct parsing;
  std::map<std::string, std::vector<std::string>> values_;  // by `--long-name`
  std::map<std::string, std::string> sources_;              // those that came from the environment
  std::vector<std::string> positional_;
};

/// Parses the words after the command's name. @error errc::bad_value with a translated detail
result<arguments> parse(const command& about, const std::vector<std::string>& words);

/// `5`, `0.5`, `500ms`, `5s`, `2m`: seconds unless a unit is given; up to a day. @error errc::bad_value
result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// What `sampan help NAME` prints.
std::string help_text(const command& about);

}  // namespace sampan::cli
