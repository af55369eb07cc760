#include "ui/line_editor.h"

#include <algorithm>
#include <utility>

#include "text/utf8.h"

namespace sampan::ui {

namespace {
constexpr char escape = '\x1b';
// ECMA-48 5.4: a longer control sequence is none of a keyboard's.
constexpr std::size_t longest_sequence = 32;
constexpr char control(char letter) { return static_cast<char>(letter & 0x1f); }
}  // namespace

typed line_editor::feed(std::string_view bytes) {
  typed made;
  const std::string all = std::exchange(held_, {}) + std::string(bytes);
  std::string_view rest = all;
  while (!rest.empty() && !made.ended && take_key(rest, made)) {
  }
  if (!made.ended) held_ = rest;
  return made;
}

// False: the key is not complete.
bool line_editor::take_key(std::string_view& bytes, typed& into) {
  const char first = bytes.front();
  if (first == escape) return take_sequence(bytes);
  if (static_cast<unsigned char>(first) < 0x20 || first == '\x7f') {
    bytes.remove_prefix(1);
    obey_control(first, into);
    return true;
  }
  const auto c = text::decode_utf8(bytes);
  if (c.status == text::utf8_status::incomplete) return false;
  if (c.status == text::utf8_status::ok) insert(bytes.substr(0, c.length));
  bytes.remove_prefix(c.length);
  return true;
}

// ESC [ PARAMETERS FINAL (ECMA-48 5.4), ESC O FINAL as keypads send it, or Alt and a key, which means nothing here.
bool line_editor::take_sequence(std::string_view& bytes) {
  if (bytes.size() < 2) return false;
  if (bytes[1] != '[' && bytes[1] != 'O') {
    bytes.remove_prefix(bytes[1] == escape ? 1 : 2);
    return true;
  }
  const auto is_parameter = [](char c) { return c >= 0x20 && c <= 0x3f; };
  const std::string_view most = bytes.substr(0, longest_sequence);
  const auto end = std::find_if_not(most.begin() + 2, most.end(), is_parameter);
  if (end == most.end() && most.size() < longest_sequence) return false;
  auto length = static_cast<std::size_t>(end - most.begin());
  if (end != most.end() && *end >= 0x40 && *end <= 0x7e) {
    obey_sequence(most.substr(2, length - 2), *end);
    ++length;
  }
  bytes.remove_prefix(length);  // what broke a sequence off is a key of its own
  return true;
}

void line_editor::obey_sequence(std::string_view parameters, char final) {
  if (final == '~') {
    if (parameters == "1" || parameters == "7") final = 'H';
    if (parameters == "4" || parameters == "8") final = 'F';
    if (parameters == "3") erase(cursor_, after(cursor_));
  }
  switch (final) {
    case 'A': recall(-1); break;
    case 'B': recall(+1); break;
    case 'C': cursor_ = after(cursor_); break;
    case 'D': cursor_ = before(cursor_); break;
    case 'H': cursor_ = 0; break;
    case 'F': cursor_ = line_.size(); break;
    default: break;
  }
}

void line_editor::obey_control(char key, typed& into) {
  switch (key) {
    case '\r':
    case '\n': enter(into); break;
    case '\t': insert("\t"); break;
    case '\x7f':
    case control('H'): erase(before(cursor_), cursor_); break;
    case control('A'): cursor_ = 0; break;
    case control('B'): cursor_ = before(cursor_); break;
    case control('D'):
      into.ended = line_.empty();
      erase(cursor_, after(cursor_));
      break;
    case control('E'): cursor_ = line_.size(); break;
    case control('F'): cursor_ = after(cursor_); break;
    case control('K'): erase(cursor_, line_.size()); break;
    case control('L'): into.clear = true; break;
    case control('N'): recall(+1); break;
    case control('P'): recall(-1); break;
    case control('U'): erase(0, cursor_); break;
    case control('W'): erase(word_before(cursor_), cursor_); break;
    case control('Z'): into.suspend = true; break;
    default: break;
  }
}

void line_editor::insert(std::string_view character) {
  if (line_.size() + character.size() > longest_line) return;
  line_.insert(cursor_, character);
  cursor_ += character.size();
}

void line_editor::enter(typed& into) {
  if (!line_.empty() && (history_.empty() || history_.back() != line_)) history_.push_back(line_);
  if (history_.size() > longest_history) history_.pop_front();
  recalled_ = history_.size();
  into.lines.push_back(std::exchange(line_, {}));
  cursor_ = 0;
}

void line_editor::erase(std::size_t from, std::size_t to) {
  line_.erase(from, to - from);
  cursor_ = from;
}

void line_editor::recall(int direction) {
  if (direction < 0 ? recalled_ == 0 : recalled_ == history_.size()) return;
  if (recalled_ == history_.size()) new_line_ = line_;
  recalled_ = direction < 0 ? recalled_ - 1 : recalled_ + 1;
  line_ = recalled_ == history_.size() ? new_line_ : history_[recalled_];
  cursor_ = line_.size();
}

// Over a whole character, and over marks that stand on it.
std::size_t line_editor::before(std::size_t at) const {
  while (at > 0) {
    do --at;
    while (at > 0 && (line_[at] & 0xc0) == 0x80);
    if (text::display_width(std::string_view(line_).substr(at, after(at) - at)) != 0) break;
  }
  return at;
}

std::size_t line_editor::after(std::size_t at) const {
  if (at < line_.size()) at += text::decode_utf8(std::string_view(line_).substr(at)).length;
  for (;;) {
    const auto next = std::string_view(line_).substr(at);
    const auto length = text::decode_utf8(next).length;
    if (length == 0 || text::display_width(next.substr(0, length)) != 0) return at;
    at += length;
  }
}

std::size_t line_editor::word_before(std::size_t at) const {
  while (at > 0 && line_[at - 1] == ' ') --at;
  while (at > 0 && line_[at - 1] != ' ') --at;
  return at;
}

}  // namespace sampan::ui
