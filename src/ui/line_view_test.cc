#include "ui/line_view.h"

#include <gtest/gtest.h>

#include "text/utf8.h"

namespace sampan::ui {
namespace {

/// As much of a terminal as line_view uses, with its edge behaviour: a full row keeps the cursor until the next character.
class small_terminal {
 public:
  small_terminal(std::size_t columns, std::size_t rows) : columns_(columns), screen_(rows) {}

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      if (bytes.starts_with("\x1b[")) {
        std::size_t end = 2;
        while (isdigit(bytes[end])) ++end;
        obey(bytes[end], bytes.substr(2, end - 2));
        bytes.remove_prefix(end + 1);
        continue;
      }
      const auto one = bytes.substr(0, text::decode_utf8(bytes).length);
      bytes.remove_prefix(one.size());
      if (one == "\r")
        column = 0;
      else if (one == "\n")
        next_row();
      else
        put(one);
    }
  }

  std::string row(std::size_t i) const {
    std::string text;
    for (const std::string& cell : screen_[i]) text += cell == "-" ? "" : cell;
    return text;
  }
  std::string everything() const {
    std::string all;
    for (std::size_t i = 0; i < screen_.size(); ++i) all += row(i) + '\n';
    return all.erase(all.find_last_not_of('\n') + 1);
  }

  std::size_t line = 0;
  std::size_t column = 0;

 private:
  void obey(char what, std::string_view digits) {
    const std::size_t n = digits.empty() ? 1 : std::stoul(std::string(digits));
    if (what == 'A') line -= std::min(n, line);
    if (what == 'C') column = std::min(column + n, columns_ - 1);
    if (what == 'B') line = std::min(line + n, screen_.size() - 1);
    if (what == 'K' && screen_[line].size() > column) screen_[line].resize(column);
  }
  void next_row() {
    if (++line < screen_.size()) return;
    screen_.erase(screen_.begin());
    screen_.emplace_back();
    --line;
  }
  void put(std::string_view character) {
    const std::size_t width = text::display_width(character);
    ASSERT_LE(column + width, columns_) << "the row is overfull";
    auto& cells = screen_[line];
    if (cells.size() < column + width) cells.resize(column + width, " ");
    cells[column] = character;
    if (width == 2) cells[column + 1] = "-";
    column += width;
  }

  std::size_t columns_;
  std::vector<std::vector<std::string>> screen_;
};

TEST(LineView, RowsAreBrokenBeforeAWideCharacter) {
  line_view view("> ");
  view.resize(7, 10);
  small_terminal t(7, 10);
  const std::string line = "你好世界a";
  t.write(view.draw(line, line.size()));
  EXPECT_EQ(t.everything(), "> 你好\n世界a");
  EXPECT_EQ(t.line, 1U);
  EXPECT_EQ(t.column, 5U);
}

TEST(LineView, TheCursorEverywhere) {
  const std::string line = "ab你好c世界";
  line_view view("> ");
  view.resize(6, 10);
  const struct {
    std::size_t cursor, row, column;
  } cases[] = {{0, 0, 2}, {1, 0, 3}, {2, 0, 4}, {5, 1, 0}, {8, 1, 2}, {9, 1, 3}, {12, 2, 0}, {15, 2, 2}};
  for (const auto& c : cases) {
    small_terminal t(6, 10);
    t.write(view.draw(line, c.cursor));
    EXPECT_EQ(t.everything(), "> ab你\n好c世\n界") << c.cursor;
    EXPECT_EQ(t.line, c.row) << c.cursor;
    EXPECT_EQ(t.column, c.column) << c.cursor;
    t.write(view.hide());
    EXPECT_EQ(t.everything(), "");
    EXPECT_EQ(t.line, 0U);
  }
}

TEST(LineView, AFullRow) {
  line_view view("> ");
  view.resize(6, 10);
  small_terminal t(6, 10);
  t.write(view.draw("abcd", 4));
  EXPECT_EQ(t.line, 1U);
  EXPECT_EQ(t.column, 0U);
  t.write(view.hide() + "above\r\n" + view.draw("abcd", 4));
  EXPECT_EQ(t.everything(), "above\n> abcd");
}

TEST(LineView, WhatComesStandsAboveAndTheLineStays) {
  line_view view("> ");
  view.resize(10, 8);
  small_terminal t(10, 8);
  std::string line;
  for (int i = 0; i < 12; ++i) line += "汉";
  t.write(view.draw(line, 6));
  for (int i = 0; i < 100; ++i) t.write(view.hide() + "in " + std::to_string(i) + "\r\n" + view.draw(line, 6));
  EXPECT_EQ(t.everything(), "in 95\nin 96\nin 97\nin 98\nin 99\n> 汉汉汉汉\n汉汉汉汉汉\n汉汉汉");
}

TEST(LineView, MoreRowsThanTheTerminalHas) {
  line_view view("> ");
  view.resize(4, 3);
  small_terminal t(4, 3);
  const std::string line = "abcdefghijklmnopqrst";
  t.write(view.draw(line, 20));
  EXPECT_EQ(t.everything(), "klmn\nopqr\nst");
  t.write(view.hide());
  EXPECT_EQ(t.everything(), "");
  t.write(view.draw(line, 0));
  EXPECT_EQ(t.everything(), "> ab\ncdef\nghij");
}

TEST(LineView, ANarrowerTerminalBreaksRowsAnew) {
  line_view view("> ");
  view.resize(20, 10);
  view.draw("0123456789abcdef", 16);  // 18 columns
  view.resize(8, 10);
  EXPECT_EQ(view.hide(), "\r\x1b[K\x1b[A\x1b[K\x1b[A\x1b[K");
  EXPECT_EQ(view.hide(), "");
}

TEST(LineView, AnUnfinishedLineOfTheOtherSideStandsBefore) {
  line_view view("> ");
  view.resize(6, 10);
  small_terminal t(6, 10);
  t.write(view.draw("ab", 1, "login 你:"));
  EXPECT_EQ(t.everything(), "login \n你:\n> ab");
  EXPECT_EQ(t.line, 2U);
  EXPECT_EQ(t.column, 3U);
  t.write(view.hide());
  EXPECT_EQ(t.everything(), "");
}

TEST(LineView, ControlsAreShown) {
  line_view view("> ");
  view.resize(8, 10);
  small_terminal t(8, 10);
  t.write(view.draw("a\tb\x1b", 4));
  EXPECT_EQ(t.everything(), "> a\\tb\\x\n1b");
  EXPECT_EQ(view.left_behind("a\tb"), "> a\\tb\r\n");
}

TEST(LineView, AnAbsurdSize) {
  line_view view("> ");
  view.resize(0, 0);
  EXPECT_FALSE(view.draw("汉汉汉", 3).empty());
}

}  // namespace
}  // namespace sampan::ui
