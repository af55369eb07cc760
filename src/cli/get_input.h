// What `sampan get` reads before it begins: lists of URLs, lists of digests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sampan/get.h"

namespace sampan::cli {

/// A whole file, or stdin for `-`, which is waited for until `signals` is readable. Blocks.
/// @param most  bytes; more is an error
/// @error errc::system, bad_value (too large), interrupted
result<std::string> read_whole(const std::string& path, std::size_t most, int signals);

/// The URLs of a list, one a line; blank lines and those that begin with `#` are passed over, CRLF is as LF.
/// @param name  of the list, for messages
/// @error errc::bad_value naming the line: an indented one, as aria2 has for options; one over 16 KiB
/// Cost: O(n). Thread: pure.
result<std::vector<std::string>> parse_url_list(std::string_view list, const std::string& name);

/// A file of at most `most` bytes from the net, into memory. @error as get_run::get(); bad_value (too large)
result<std::string> fetch_whole(get_run& run, const std::string& url, get_options options, std::size_t most);

/// The digest that a list of sums (client/checksums.h) has for what a source names; empty: it is not listed.
/// @param name  of the list, for messages
/// @error errc::bad_value (listed twice with different digests)
result<std::string> listed_sha256(std::string_view sums, const get_source& source, const std::string& name);

}  // namespace sampan::cli
