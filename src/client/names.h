// Which file name a download gets when nobody gave one.
#pragma once

#include <string>
#include <string_view>

namespace sampan::client {

/// The last component of a remote name as a name in one folder: no slash, no leading dots, no control characters and others that
/// would not be seen (`_` instead), at most 255 bytes less `reserved`, cut before the extension; empty when nothing is left. Bytes that are no UTF-8 stay.
/// Cost: O(n). Thread: pure.
std::string safe_file_name(std::string_view remote, std::size_t reserved = 0);

/// The same for a name that a server proposes: `\` separates there, too, and the letter of a drive is left out.
std::string safe_proposed_name(std::string_view proposed, std::size_t reserved = 0);

/// `NAME.part`, with NAME cut where the whole would be over 255 bytes.
std::string part_name(std::string_view name);

/// The name of a file beside NAME: NAME and `ending` (at most longest_ending bytes). Where that could be too long for some ending, NAME is
/// cut the same for all, and a checksum of it put in, so that two long names do not share their neighbours.
std::string neighbour_name(std::string_view name, std::string_view ending);
constexpr std::size_t longest_ending = 24;

}  // namespace sampan::client
