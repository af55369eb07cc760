// What is typed or piped in, line by line, as the bytes that go to a peer.
#pragma once

#include <string>
#include <string_view>

#include "sampan/error.h"
#include "sampan/talk_forms.h"
#include "text/encoder.h"

namespace sampan::talk {

/// Puts the check value before the line end that `message` may have, or behind the whole of it.
void seal_line(std::string& message, checksum check);

/// One stream of text in UTF-8. Without escapes and checks the text streams through; with them a line is held until it is whole, or
/// longer than longest_record. Thread: as text::encoder.
class composer {
 public:
  composer(text::encoder encoder, sending_form form) noexcept : encoder_(std::move(encoder)), form_(form) {}

  /// Takes text from the front of `typed`: a line with its end, or what there is of it. Appends its bytes to `out`.
  /// @error errc::not_encodable, errc::bad_value (an escape): the line is left out, and what follows can be composed;
  ///        line() is what was refused
  result<void> compose(std::string_view& typed, std::string& out);
  /// The input has ended: what is held goes out. @error as compose()
  result<void> finish(std::string& out);
  const std::string& line() const noexcept { return line_; }

  /// Bytes of one message as they are, with their check value.
  void compose_raw(std::string_view bytes, std::string& out) const;
  /// Forgets what is held of a line: nobody was there to send it to.
  void forget();

  const text::encoder& encoder() const noexcept { return encoder_; }
  const sending_form& form() const noexcept { return form_; }
  /// From the next text on. What is held of a line is forgotten.
  void use(text::encoder encoder);
  void set_escapes(bool on) noexcept { form_.escapes = on; }

 private:
  result<void> encode(std::string_view text, std::string& out);
  result<void> to_wire(std::string_view text, std::string& out);
  std::string with_crlf(std::string_view text);

  text::encoder encoder_;
  sending_form form_;
  std::string held_;  // the beginning of a line
  std::string line_;
  bool after_cr_ = false;  // the last character that went out was a carriage return
};

}  // namespace sampan::talk
