#include "talk/composer.h"

#include <algorithm>
#include <utility>

#include "talk/checksum.h"
#include "talk/escapes.h"

namespace sampan::talk {

namespace {
std::size_t line_end_length(std::string_view line) {
  if (line.ends_with("\r\n")) return 2;
  return line.ends_with('\n') ? 1 : 0;
}
}  // namespace

void seal_line(std::string& message, checksum check) {
  const std::size_t length = message.size() - line_end_length(message);
  const std::string end = message.substr(length);
  message.resize(length);
  append_check(message, check, std::string(message));
  message += end;
}

result<void> composer::compose(std::string_view& typed, std::string& out) {
  const auto part = typed.substr(0, std::min(typed.find('\n'), typed.size() - 1) + 1);
  typed.remove_prefix(part.size());
  line_ = std::exchange(held_, {});
  line_ += part;
  const bool wants_whole = form_.escapes || form_.check != checksum::none;
  if (wants_whole && !line_.ends_with('\n') && line_.size() < longest_record) {
    held_ = std::move(line_);
    return {};
  }
  return encode(line_, out);
}

result<void> composer::finish(std::string& out) {
  line_ = std::exchange(held_, {});
  if (auto done = encode(line_, out); !done) return done.error();
  return encoder_.finish();
}

// The line's end is no part of what the check covers, and typed escapes never are one.
result<void> composer::encode(std::string_view text, std::string& out) {
  if (text.empty()) return {};
  const std::string body = form_.crlf ? with_crlf(text) : std::string(text);
  if (!form_.escapes && form_.check == checksum::none) return to_wire(body, out);
  const std::size_t length = body.size() - line_end_length(body);
  const auto line = std::string_view(body).substr(0, length);
  std::string bytes;
  const auto done = form_.escapes ? encode_escaped(line, encoder_, bytes) : to_wire(line, bytes);
  if (!done) return done.error();
  compose_raw(bytes, out);
  return to_wire(std::string_view(body).substr(length), out);
}

result<void> composer::to_wire(std::string_view text, std::string& out) {
  if (!form_.raw) return encoder_.encode(text, out);
  out += text;
  return {};
}

std::string composer::with_crlf(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == '\n' && !after_cr_) made += '\r';
    made += c;
    after_cr_ = c == '\r';
  }
  return made;
}

void composer::compose_raw(std::string_view bytes, std::string& out) const {
  out += bytes;
  append_check(out, form_.check, bytes);
}

void composer::forget() {
  encoder_ = encoder_.another();
  held_.clear();
  after_cr_ = false;
}

void composer::use(text::encoder encoder) {
  encoder_ = std::move(encoder);
  forget();
}

}  // namespace sampan::talk
