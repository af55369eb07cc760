// The options of `sampan serve`: their table, and what they mean.
#pragma once

#include <string>

#include "cli/access_log.h"
#include "cli/flags.h"
#include "sampan/serve.h"

namespace sampan::cli {

/// What the user wants.
struct serve_settings {
  serve_options server;
  std::string access_log = "-";  ///< a file, `-` for stderr, `off`
  log_format format = log_format::text;

  bool logs_to_file() const { return access_log != "-" && access_log != "off"; }
};

/// @error errc::bad_value, bad_port, bad_address, the subject naming the value and where it came from
result<serve_settings> read_serve_settings(const arguments& given);

}  // namespace sampan::cli
