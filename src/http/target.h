// The request target: taken apart, and its path turned into a name and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/host.h"  // is_valid_host(): a target and Host are judged together

namespace sampan::http {

enum class target_form { origin, absolute, asterisk, authority };

/// A target in its parts: views into it, but for the `/` of an absolute target without a path.
struct target {
  target_form form = target_form::origin;
  std::string_view path;   ///< encoded, begins with `/`; empty in the asterisk and the authority form
  std::string_view query;  ///< without the `?`
  bool has_query = false;
  std::string_view authority;  ///< host and perhaps port; empty in the origin and the asterisk form
};

/// Takes a target apart. Only CONNECT has the authority form, with a port; only OPTIONS has `*`; absolute targets are `http` or
/// `https`, without user information. `#` is in none of them. The parser has refused blanks and controls already; bytes from 0x80 on,
/// which no target should have, stay: some browsers send names as they are.
/// @param method  with its case
/// @return        nothing: answer 400
/// Cost: O(n), no allocation. Thread: pure. Source: RFC 9112 3.2; RFC 9110 4.2, 4.2.4.
std::optional<target> split_target(std::string_view method, std::string_view raw) noexcept;

enum class path_problem {
  none,
  malformed,  ///< 400: `%` without two hex digits, or a NUL
  absent,     ///< 404: an encoded slash, which no name has
  outside,    ///< 400: its `..` lead above the root, be it for a moment
};

/// Makes the path of a target into a name relative to the root: decoded once, without `/` at its begin, runs of `/` merged, `.`
/// segments dropped. `..` segments stay, and no `/` is put after one at the end: whoever resolves the name asks the kernel, for which
/// `file.txt/..` is not a folder. A `/` at the end stays, and `x/.` is `x/`. `%2e` is a dot; `+` and `\` are bytes like others.
/// @param encoded  without the query
/// @param name     "" is the root; empty if there is a problem
/// @return         of several problems the first in the order above, wherever they stand
/// Cost: O(n), two allocations. Thread: pure. Source: RFC 3986 2.1, 5.2.4, 6.2.2.
path_problem decode_path(std::string_view encoded, std::string& name);

/// Makes such a name into a path again, for Location and href: a `/`, then the name with its components percent-encoded. It never begins
/// with `//`, which would be another host's, nor holds one: runs of `/` are merged. Cost: O(n). Thread: pure. Source: RFC 3986 3.3, 4.2.
std::string encode_path(std::string_view clean_name);

}  // namespace sampan::http
