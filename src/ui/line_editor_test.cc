#include "ui/line_editor.h"

#include <gtest/gtest.h>

namespace sampan::ui {
namespace {

constexpr const char* left = "\x1b[D";
constexpr const char* up = "\x1b[A";
constexpr const char* down = "\x1b[B";

std::string keys(std::initializer_list<std::string> all) {
  std::string bytes;
  for (const std::string& one : all) bytes += one;
  return bytes;
}

TEST(LineEditor, Table) {
  const struct {
    std::string keys;
    std::string line;
    std::size_t cursor;
  } cases[] = {
      {"", "", 0},
      {"ab你", "ab你", 5},
      {"你好\x7f", "你", 3},
      {"你好世\b\b", "你", 3},
      {"\x7f", "", 0},
      {keys({"你好", left, "x"}), "你x好", 4},
      {keys({"你好", left, left, left, "\x1b[3~"}), "好", 0},
      {"abc\x01x", "xabc", 1},
      {"abc\x01\x05x", "abcx", 4},
      {"abc\x02\x02x\x06y", "axbyc", 4},
      {"abc\x1b[Hx\x1b[Fy", "xabcy", 5},
      {"abc\x1b[1~x\x1b[4~y", "xabcy", 5},
      {"abc\x1bOHx\x1bOFy", "xabcy", 5},
      {"abc def \x17", "abc ", 4},
      {"你好 世界\x17\x17x", "x", 1},
      {"abc\x02\x0b", "ab", 2},
      {"abc\x02\x15", "c", 0},
      {"abc\x02\x04", "ab", 2},
      {"a\tb", "a\tb", 3},
      {"e\xcc\x81x\x7f\x7f", "", 0},  // a letter and its accent are one
      {keys({"e\xcc\x81x", left, left, "y"}), "ye\xcc\x81x", 1},
      {"a\xff"
       "b\xe4\xbd"
       "c",
       "abc", 3},  // what is no character
      {"a\x1b[200~b\x1b[<35;1;1Mc\x1bqd\x1b\x1b[De", "abced", 4},
      {"a\x1b[12\x7f", "", 0},  // a sequence that breaks off
      {"a\x00b\x07", "a", 1},
  };
  for (const auto& c : cases) {
    line_editor editor;
    editor.feed(c.keys);
    EXPECT_EQ(editor.line(), c.line) << ::testing::PrintToString(c.keys);
    EXPECT_EQ(editor.cursor(), c.cursor) << ::testing::PrintToString(c.keys);
  }
}

TEST(LineEditor, SplitsMakeNoDifference) {
  const std::string all =
      keys({"你好", left, "\x1b[3~世界\x1b[1~x\r一\n", up, up, down, "\x1bOD!\x7f?", "\xf0\x9f\x98\x80\x17"});
  line_editor whole;
  const auto lines = whole.feed(all).lines;
  for (std::size_t at = 0; at <= all.size(); ++at) {
    line_editor split;
    auto got = split.feed(all.substr(0, at)).lines;
    for (const std::string& one : split.feed(all.substr(at)).lines) got.push_back(one);
    EXPECT_EQ(got, lines) << at;
    EXPECT_EQ(split.line(), whole.line()) << at;
    EXPECT_EQ(split.cursor(), whole.cursor()) << at;
  }
}

TEST(LineEditor, LinesInOrder) {
  line_editor editor;
  EXPECT_EQ(editor.feed("one\rtwo\n\nthr").lines, (std::vector<std::string>{"one", "two", ""}));
  EXPECT_EQ(editor.line(), "thr");
}

TEST(LineEditor, History) {
  line_editor editor;
  editor.feed("one\ntwo\ntwo\n\nnew");
  editor.feed(up);
  EXPECT_EQ(editor.line(), "two");
  editor.feed(up);
  EXPECT_EQ(editor.line(), "one");
  editor.feed(up);
  EXPECT_EQ(editor.line(), "one");
  editor.feed(keys({down, down, down}));
  EXPECT_EQ(editor.line(), "new");
  EXPECT_EQ(editor.feed(keys({up, up, "!\n"})).lines, std::vector<std::string>{"one!"});
  editor.feed(keys({up, up, up}));
  EXPECT_EQ(editor.line(), "one");
}

TEST(LineEditor, HistoryIsBounded) {
  line_editor editor;
  for (std::size_t i = 0; i < longest_history + 5; ++i) editor.feed(std::to_string(i) + "\n");
  for (std::size_t i = 0; i < longest_history + 10; ++i) editor.feed(up);
  EXPECT_EQ(editor.line(), "5");
}

TEST(LineEditor, TheEnd) {
  line_editor editor;
  EXPECT_FALSE(editor.feed("a\x04").ended);  // not on a line with text
  EXPECT_FALSE(editor.feed("\x7f").ended);
  const typed got = editor.feed("b\n\x04more");
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(got.lines, std::vector<std::string>{"b"});
  EXPECT_EQ(editor.line(), "");
}

TEST(LineEditor, RequestsToTheTerminal) {
  line_editor editor;
  EXPECT_TRUE(editor.feed("\x1a").suspend);
  EXPECT_TRUE(editor.feed("\x0c").clear);
}

TEST(LineEditor, NothingGrowsForEver) {
  line_editor editor;
  editor.feed(std::string(2 * longest_line, 'x'));
  EXPECT_EQ(editor.line().size(), longest_line);
  editor.feed("\x15\x1b[" + std::string(100'000, '1'));
  EXPECT_LT(editor.line().size(), longest_line + 1);
}

}  // namespace
}  // namespace sampan::ui
