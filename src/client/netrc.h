// The credentials that a .netrc file has for a host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sampan::client {

struct credentials {
  std::string user, password;
};

/// The first entry for this machine that fits; else that of `default`, wherever it stands. An entry without a login has its password
/// for any user. The format is curl's: words between blanks and line ends; a word that begins with `"` ends at the next `"`, and
/// within it stand `\n`, `\r`, `\t`, and `\` before any other character; from a word that begins with `#` to the end of its line nothing counts; `account`
/// is passed over, and `macdef` with all up to an empty line.
/// @param host         compared without regard to case
/// @param wanted_user  compared as bytes; empty: any
/// @return             nothing where no entry fits, or where a quoted word has no end on its line: what follows could be anything.
/// Cost: O(n). Thread: pure. Source: the GNU inetutils and curl manuals on .netrc.
std::optional<credentials> find_in_netrc(std::string_view text, std::string_view host,
                                         std::string_view wanted_user = {});

}  // namespace sampan::client
