// The chunked transfer coding, undone piece by piece: for bodies of answers and of requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sampan::http {

/// Finds the body's bytes in a chunked body, and its end. Lines end in CR LF and nothing else, chunk sizes are hex of at most
/// 16 digits and below 2^63; chunk extensions and the trailer section are checked for their size and passed over.
/// Holds no bytes: 24 bytes of state, whatever the peer sends. The answer does not depend on how the bytes are split.
/// Thread: one at a time. Source: RFC 9112 7.1.
class chunked_decoder {
 public:
  enum class state {
    more,      ///< all that was given is used up, or there is more for another feed(): see step::taken
    done,      ///< the body has ended; bytes that were not taken are no part of it
    malformed  ///< no chunked body: nothing behind the bytes given out so far can be trusted
  };

  struct step {
    std::string_view body;  ///< bytes of the body, a piece of what was given; may be empty
    std::size_t taken =
        0;  ///< bytes used up, `body` included; more than 0 while bytes are given and the state is `more`
    state now = state::more;
  };

  /// Goes on to the end of a piece of the body, or to the end of `bytes`: to be called again with what was not taken.
  /// After `done` or `malformed` it says so again and takes nothing. Cost: O(taken), O(1) for the body's bytes.
  step feed(std::string_view bytes);

  /// A chunk's extensions, with the blanks around them: nobody uses them, and a line without end is an attack.
  static constexpr std::size_t longest_extension = 4 * 1024;
  /// The whole trailer section: a handful of fields, which are not looked at.
  static constexpr std::size_t longest_trailer = 8 * 1024;

 private:
  enum class at {
    size,
    blank,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    line_start,
    trailer,
    trailer_lf,
    last_lf,
    end,
    bad
  };

  at next_of_size(char c);
  at next_of_extension(char c);
  at next_of_trailer(char c);
  at next(char c);

  at at_ = at::size;
  int digits_ = 0;
  std::uint64_t left_ = 0;   // of the chunk; while its size is read: the size so far
  std::size_t skipped_ = 0;  // of the extensions, of the trailer section
};

}  // namespace sampan::http
