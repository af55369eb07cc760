// Metalink documents: the sizes, digests and mirrors of files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/digest_fields.h"
#include "sampan/error.h"

namespace sampan::client {

/// A list of 16-MiB pieces of a 1-TiB file with SHA-256 is 6 MiB long.
constexpr std::size_t longest_metalink = 8 * 1024 * 1024;
/// Nobody gets more files than this by one document; each costs memory beyond its bytes.
constexpr std::size_t most_metalink_files = 1000;
/// Of a file's URLs the first so many are kept: large distributions have about 200 mirrors.
constexpr std::size_t most_metalink_urls = 256;
/// The elements that are read lie four deep, and a few more may surround what others have added.
constexpr std::size_t deepest_metalink = 16;

/// One file. What the document says wrongly about it is left out.
struct metalink_file {
  std::string name;                   ///< relative, without `..`; as it stands there, not yet made safe
  std::optional<std::uint64_t> size;  ///< below 10^18
  std::vector<http::digest> hashes;   ///< of known algorithms
  base::digest_algorithm piece_algorithm{};
  std::uint64_t piece_length = 0;         ///< bytes; 0: there are no pieces
  std::vector<std::string> piece_hashes;  ///< raw, in order; where the size is told as many as fill it
  std::vector<std::string> urls;          ///< of http and https, the preferred first
};

/// Reads a document of the namespace urn:ietf:params:xml:ns:metalink. Elements and attributes that are not known are passed over; so
/// are files whose name would lead elsewhere, URLs that parse_get_url() refuses or that have credentials, and digests of unknown
/// algorithms or wrong lengths. Of several lists of pieces that of the strongest algorithm is kept.
/// @error errc::bad_value: no well-formed XML or no Metalink, a document type (it could define entities), or over a limit
/// Cost: O(n), and as much memory. Thread: pure. Source: RFC 5854 4.1, 4.2.
result<std::vector<metalink_file>> parse_metalink(std::string_view xml);

}  // namespace sampan::client
