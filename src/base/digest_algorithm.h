// The digest algorithms there are names for.
#pragma once

#include <cstddef>

namespace sampan::base {

/// Strongest first. The last two are checked where they are offered, and prove nothing against a forger.
enum class digest_algorithm : unsigned char { sha512, sha256, sha1, md5 };

/// Length of such a digest in bytes.
constexpr std::size_t digest_size(digest_algorithm algorithm) noexcept {
  switch (algorithm) {
    case digest_algorithm::sha512: return 64;
    case digest_algorithm::sha256: return 32;
    case digest_algorithm::sha1: return 20;
    case digest_algorithm::md5: return 16;
  }
  return 0;
}

}  // namespace sampan::base
