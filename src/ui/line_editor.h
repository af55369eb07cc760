// A line that a person is typing: keys in, text and cursor out. Why not libedit: docs/decisions/0009-line-editor.md.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace sampan::ui {

/// What keys led to, beside a changed line.
struct typed {
  std::vector<std::string> lines;  ///< that Enter ended, without their ends, in order
  bool ended = false;              ///< Ctrl-D on an empty line; later keys were dropped
  bool suspend = false;            ///< Ctrl-Z
  bool clear = false;              ///< Ctrl-L
};

/// A line of UTF-8 with history, as shells have it: Ctrl-A E B F D H K U W P N L, arrows, Home, End, Delete, Backspace. Other controls but
/// Tab are passed over, and so are unknown escape sequences and bytes that are no UTF-8. No terminal: a function of bytes.
/// Thread: one at a time.
class line_editor {
 public:
  /// Takes what one read of the terminal gave; a key split over reads is one key.
  typed feed(std::string_view bytes);

  const std::string& line() const noexcept { return line_; }
  /// In bytes from the beginning of line(); never inside a character.
  std::size_t cursor() const noexcept { return cursor_; }

 private:
  bool take_key(std::string_view& bytes, typed& into);
  bool take_sequence(std::string_view& bytes);
  void obey_sequence(std::string_view parameters, char final);
  void obey_control(char key, typed& into);
  void insert(std::string_view character);
  void enter(typed& into);
  void erase(std::size_t from, std::size_t to);
  void recall(int direction);
  std::size_t before(std::size_t at) const;
  std::size_t after(std::size_t at) const;
  std::size_t word_before(std::size_t at) const;

  std::string line_;
  std::size_t cursor_ = 0;
  std::string held_;  // the beginning of a key
  std::deque<std::string> history_;
  std::size_t recalled_ = 0;  // index into history_; its size: the line that is new
  std::string new_line_;      // while an older one is recalled
};

/// Longer lines take no more characters: what is pasted without line ends must not fill the memory, and is drawn anew with each key.
inline constexpr std::size_t longest_line = 16 * 1024;
inline constexpr std::size_t longest_history = 500;

}  // namespace sampan::ui
