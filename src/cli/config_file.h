// A configuration file (TOML): one more source of a command's options.
#pragma once

#include <string>
#include <string_view>

#include "cli/flags.h"

namespace sampan::cli {

/// What the file says; its keys are the long names of `about`'s options but --config and --help, and `about.argument_key`.
/// Values are not interpreted here, but have the type that fits the table: a switch true or false; `N` a whole number; `TIME` a
/// number or a string; all else a string; an option that may be repeated also an array of these.
/// @error errc::bad_value, the subject being `FILE:LINE KEY` where there are these: a file that cannot be read or is over 1 MiB, what is
/// no TOML, an unknown key, a value of another type
result<arguments> read_config_file(const std::string& path, const command& about);

/// The same for the file's text; `name` is for messages.
result<arguments> parse_config(std::string_view text, const std::string& name, const command& about);

}  // namespace sampan::cli
