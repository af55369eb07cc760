// The options of `sampan get`: their table, and what they make of the library's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "sampan/get.h"

namespace sampan::cli {

std::span<const flag> get_flag_table();

struct get_wishes {
  get_options options;
  std::string checksums;   ///< a file or URL that lists digests; empty: none
  std::string input_file;  ///< URLs, one a line; `-`: stdin; empty: none
  std::size_t jobs = 4;    ///< files at once
  std::string user, password;
  bool has_user = false;
  bool quiet = false, verbose = false, json = false;
  std::string passed_over;  ///< why ~/.netrc is not used, for --verbose; empty: it is, or there is none
  std::string
      words_to_go_on;  ///< what of the options a later run that goes on needs, quoted for a shell: ` --retries 9`
};

/// Reads the options, and what else of the user's belongs to them: ~/.netrc and the proxies of the environment.
/// @error errc::bad_value, bad_url (a mirror), errc::system (a file)
result<get_wishes> read_get_flags(const arguments& given);

}  // namespace sampan::cli
