#include "ui/line_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/escape.h"
#include "text/utf8.h"

namespace sampan::ui {

namespace {

constexpr std::size_t least_columns = 4;  // one wide character and the cursor, on whatever calls itself a terminal

std::string up(std::size_t rows) { return rows == 0 ? std::string() : fmt::format("\x1b[{}A", rows); }
std::string down(std::size_t rows) { return rows == 0 ? std::string() : fmt::format("\x1b[{}B", rows); }
std::string right(std::size_t columns) { return columns == 0 ? std::string() : fmt::format("\x1b[{}C", columns); }

}  // namespace

void line_view::resize(std::size_t columns, std::size_t rows) {
  const std::size_t narrower = std::max(columns, least_columns);
  if (narrower < columns_) {
    std::vector<std::size_t> broken;
    std::size_t cursor_row = 0;
    for (std::size_t i = 0; i < drawn_.size(); ++i) {
      if (i == cursor_row_) cursor_row = broken.size() + cursor_column_ / narrower;
      for (std::size_t left = drawn_[i];; left -= narrower) {
        broken.push_back(std::min(left, narrower));
        if (left <= narrower) break;
      }
    }
    drawn_ = std::move(broken);
    cursor_row_ = cursor_row;
    cursor_column_ %= narrower;
  }
  columns_ = narrower;
  rows_ = std::max<std::size_t>(rows, 1);
}

std::string line_view::hide() {
  if (drawn_.empty()) return {};
  // Row by row: tmux keeps what CSI J erases from the top of the screen in its history.
  std::string out = down(drawn_.size() - 1 - cursor_row_) + "\r\x1b[K";
  for (std::size_t i = 1; i < drawn_.size(); ++i) out += "\x1b[A\x1b[K";
  drawn_.clear();
  return out;
}

std::string line_view::draw(std::string_view line, std::size_t cursor, std::string_view before) {
  std::vector<row> all(1);
  cursor_row_ = cursor_column_ = 0;
  const auto put = [&](std::string_view shown, std::size_t width) {
    if (all.back().width + width > columns_) all.emplace_back();
    all.back().text += shown;
    all.back().width += width;
  };
  const auto put_each = [&](std::string_view shown) {
    while (!shown.empty()) {
      const auto one = shown.substr(0, std::max<std::size_t>(text::decode_utf8(shown).length, 1));
      put(one, text::display_width(one));
      shown.remove_prefix(one.size());
    }
  };
  put_each(before);
  if (!before.empty()) all.emplace_back();
  put_each(prompt_);
  for (std::size_t at = 0;;) {
    if (at == cursor) {
      // Behind a full row the cursor stands on the next one, and before a wide character where that will stand.
      const auto next = line.substr(at, text::decode_utf8(line.substr(at)).length);
      const std::size_t needs = at == line.size() ? 1 : std::max<std::size_t>(text::display_width(next), 1);
      if (all.back().width + needs > columns_) all.emplace_back();
      cursor_row_ = all.size() - 1;
      cursor_column_ = all.back().width;
    }
    if (at >= line.size()) break;
    const auto length = text::decode_utf8(line.substr(at)).length;
    put_each(text::escape_terminal(line.substr(at, length)));
    at += length;
  }
  const std::size_t first = cursor_row_ < rows_ ? 0 : cursor_row_ - rows_ + 1;
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
  all.resize(std::min(all.size(), rows_));
  cursor_row_ -= first;
  std::string out;
  drawn_.clear();
  for (const row& one : all) {
    if (!drawn_.empty()) out += "\r\n";
    out += one.text;
    drawn_.push_back(one.width);
  }
  return out + '\r' + up(all.size() - 1 - cursor_row_) + right(cursor_column_);
}

std::string line_view::left_behind(std::string_view line) const {
  return prompt_ + text::escape_terminal(line) + "\r\n";
}

}  // namespace sampan::ui
