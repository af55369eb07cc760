// Lists of SHA-256 sums, as they lie beside the files of a download.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sampan::client {

/// The raw 32 bytes of a file's sum from a list such as SHA256SUMS.
///
/// Read are the lines of sha256sum (`HEX  NAME`, `HEX *NAME`; after a `\` in front the name has `\\`, `\n`, `\r`), and those
/// of `sha256sum --tag`, the BSDs and openssl (`SHA256 (NAME) = HEX`). All other lines are passed over: comments, signatures, other
/// algorithms. Lines may end in CRLF, and a byte order mark may stand in front. Names are compared as bytes, without `./`; where none
/// is equal, those count whose last component is.
/// @param contradictory  set to whether two of the lines that count differ in their sums: then nothing is returned
/// Cost: O(n). Thread: pure.
std::optional<std::string> find_sha256(std::string_view sums, std::string_view file_name,
                                       bool* contradictory = nullptr);

}  // namespace sampan::client
