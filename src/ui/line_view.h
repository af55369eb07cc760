// How a line that is being typed stands on a terminal, and how it gets out of the way of what comes in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sampan::ui {

/// Makes the bytes that draw and erase; rows are broken here, not by the terminal, so that it is known where the cursor is whatever the
/// terminal does at its edge. Only CR, LF, and CSI A, B, C and K are used. Thread: one at a time. No terminal: a function of texts.
class line_view {
 public:
  /// @param prompt  stands before the line; without controls
  explicit line_view(std::string prompt) : prompt_(std::move(prompt)) {}

  /// The terminal's size. What is drawn is taken to be broken anew by the terminal, as most do when they get narrower.
  void resize(std::size_t columns, std::size_t rows);

  /// Erases what is drawn; the cursor is then where it began. Nothing if nothing is drawn.
  std::string hide();
  /// Somebody else has written to the terminal: what was drawn is gone, or stays.
  void forget() noexcept { drawn_.clear(); }
  /// Draws line and cursor where the cursor is, at the beginning of a row. A line of more rows than the terminal has is shown around the cursor.
  /// @param cursor  in bytes
  /// @param before  stands on rows of its own before the prompt: what came and has no line end yet. Without controls
  std::string draw(std::string_view line, std::size_t cursor, std::string_view before = {});
  /// The line as it stays above: the prompt, the text, a line end.
  std::string left_behind(std::string_view line) const;

 private:
  struct row {
    std::string text;
    std::size_t width = 0;
  };

  std::string prompt_;
  std::size_t columns_ = 80;
  std::size_t rows_ = 24;
  std::vector<std::size_t> drawn_;  // widths of the rows on the screen
  std::size_t cursor_row_ = 0;
  std::size_t cursor_column_ = 0;
};

}  // namespace sampan::ui
