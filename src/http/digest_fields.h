// The fields that carry digests of a whole file, read and written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/digest_algorithm.h"

namespace sampan::http {

struct digest {
  base::digest_algorithm algorithm{};
  std::string bytes;  ///< base::digest_size(algorithm) of them, raw
  bool operator==(const digest&) const = default;
};

struct digest_reading {
  std::optional<digest> best;  ///< of the strongest algorithm
  std::string note;  ///< the first thing that was ignored and why, in plain words, none of them the peer's; or empty
};

/// Reads the values of Repr-Digest, or of Content-Digest, which has the same form. Ignored with a note: algorithms that are not known
/// here, digests of the wrong length, two different ones of one algorithm; and all of it, where any of it is malformed or it
/// is over longest_dictionary or most_dictionary_members.
/// @param values  of all field lines of the name, in order
/// Cost: O(n). Thread: pure. Source: RFC 9530 2, 3, 5, 7.2; RFC 8941 4.2.
digest_reading read_repr_digest(std::span<const std::string_view> values);

/// Reads the values of Digest, the field before that one: `SHA-256=BASE64, …`. Hexadecimal digits are not taken, as RFC 5843 says
/// base64. The same is ignored, but what is malformed in one member spoils no other.
/// Cost: O(n). Thread: pure. Source: RFC 3230 4.1.1, 4.3.2; RFC 5843 2.
digest_reading read_digest(std::span<const std::string_view> values);

/// The value of Repr-Digest with this one digest. Cost: O(1). Thread: pure. Source: RFC 9530 3.
std::string format_repr_digest(const digest& one);

/// Whether a value of Want-Repr-Digest asks for sha-256, with whatever preference above 0. A malformed value asks for nothing.
/// Cost: O(n). Thread: pure. Source: RFC 9530 4.
bool wants_sha256(std::string_view want_repr_digest);

}  // namespace sampan::http
