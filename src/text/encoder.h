// UTF-8 as bytes for a peer, strictly.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sampan/error.h"
#include "text/encoding.h"

namespace sampan::text {

/// One direction of one connection: UTF-8 in, bytes out. Nothing is replaced, approximated or left out: a character goes out only
/// if a strict peer decodes the same character from the bytes; otherwise the whole call is refused. In gbk that is decided as
/// Python's `gbk` codec decides (no euro sign: 0x80 is Windows' alone).
/// Copies share the tables, as with decoder. Thread: an encoder and its copies belong to one thread.
class encoder {
 public:
  /// @error errc::system: this system lacks the table (see converter::open).
  static result<encoder> open(encoding which);

  /// A fresh stream over the same tables. No allocation, cannot fail.
  encoder another() const;

  /// Encodes the next piece of the stream and appends to `out`. A UTF-8 character that breaks off at the end is held for the next call.
  /// On an error nothing of this call was appended, and nothing is held.
  /// @error errc::not_encodable: subject: the character (detail `U+20AC`), or the byte that is no UTF-8 (detail `byte 0xFF`).
  /// Cost: O(n); about 0.1 µs a character beyond ASCII.
  result<void> encode(std::string_view utf8, std::string& out);

  /// The stream has ended. @error errc::not_encodable: it broke off inside a character (as for a byte that is no UTF-8).
  result<void> finish();

  /// Bytes held because their UTF-8 character is not complete: 0-3.
  std::size_t pending() const noexcept { return held_size_; }

 private:
  struct tables;
  explicit encoder(std::shared_ptr<tables> shared) noexcept : tables_(std::move(shared)) {}

  std::shared_ptr<tables> tables_;
  char held_[3] = {};
  unsigned char held_size_ = 0;
};

/// Encodes one whole text. @error as encoder::open, encode and finish.
result<std::string> encode_text(encoding which, std::string_view utf8);

}  // namespace sampan::text
