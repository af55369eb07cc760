// A peer's bytes, in any encoding of the list, as UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sampan/error.h"
#include "text/encoding.h"

namespace sampan::text {

/// One direction of one connection: bytes in, UTF-8 out, whatever the splits between reads.
/// - A character split over feeds is one character; any split of the same bytes gives the same text.
/// - A byte that belongs to no character becomes `\xHH` (4 ASCII characters) and only that byte is skipped, so no ASCII byte is ever
///   swallowed by a broken character before it. In UTF-16 the unit of two bytes is skipped: one byte would shift all that follows.
/// - The output is always whole, valid UTF-8 characters; controls come through: escape them for a terminal.
/// Size: a pointer and up to 3 held bytes; the tables are shared by all copies. Copying gives a stream with the same tables and the same held
/// bytes; see another(). Thread: a decoder and its copies belong to one thread.
class decoder {
 public:
  /// @error errc::system: this system lacks the table (see converter::open).
  static result<decoder> open(encoding which);

  /// A fresh stream over the same tables: what a server gives each client. No allocation, cannot fail.
  decoder another() const;

  /// Decodes the next bytes of the stream and appends the text that is complete. Cost: O(n).
  void feed(std::string_view bytes, std::string& utf8_out);

  /// The stream has ended: what is held becomes text too, its first byte as `\xHH`. The decoder can then be used afresh.
  void finish(std::string& utf8_out);

  /// Bytes held because their character is not complete: 0-3.
  std::size_t pending() const noexcept { return held_size_; }

 private:
  struct tables;
  explicit decoder(std::shared_ptr<tables> shared) noexcept : tables_(std::move(shared)) {}
  void run(std::string_view& in, std::string& out, bool ended);

  std::shared_ptr<tables> tables_;
  char held_[3] = {};
  unsigned char held_size_ = 0;
};

}  // namespace sampan::text
