// A Metalink: a document that tells a file's size and digests, piece by piece, and where it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/digests.h"

namespace sampan::serving {

constexpr std::string_view metalink_type = "application/metalink4+xml";

struct metalink_subject {
  std::string_view name;  ///< any bytes, without `/`
  std::string_view url;   ///< absolute
  std::uint64_t size = 0;
  std::int64_t modified = 0;  ///< s since 1970
};

/// @param digests  with pieces. Cost: O(pieces), 80 bytes for each. Thread: pure. Source: RFC 5854.
std::string write_metalink(const metalink_subject& about, const file_digests& digests);

}  // namespace sampan::serving
