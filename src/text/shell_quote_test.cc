#include "text/shell_quote.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "text/escape.h"

namespace sampan::text {
namespace {

TEST(QuoteShell, OnlyWhatNeedsIt) {
  EXPECT_EQ(quote_shell("http://127.0.0.1:80/a-b_c.iso"), "http://127.0.0.1:80/a-b_c.iso");
  EXPECT_EQ(quote_shell(""), "''");
  EXPECT_EQ(quote_shell("a b"), "'a b'");
  EXPECT_EQ(quote_shell("it's"), "'it'\\''s'");
  EXPECT_EQ(quote_shell("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(quote_shell("~"), "'~'");
  EXPECT_EQ(quote_shell("文件"), "'文件'");
}

// bash itself is asked.
TEST(QuoteShell, TheShellReadsTheSameBytes) {
  std::string every;
  for (int i = 1; i < 256; ++i) every += static_cast<char>(i);
  for (const std::string& word : {every, std::string("a\nb'\\c"),
                                  std::string("\x1b]0;x\x07"
                                              "7"),
                                  std::string("\u202e"
                                              "1"),
                                  std::string("\xff"
                                              "7\x01"
                                              "1"),
                                  std::string("-n"), std::string("\\'")}) {
    const std::string quoted = quote_shell(word);
    EXPECT_EQ(escape_terminal(quoted), quoted) << "not safe to show";
    // In a file, since sh would read a command line's quotes first.
    std::FILE* const script = std::tmpfile();
    std::fprintf(script, "printf %%s %s", quoted.c_str());
    std::rewind(script);
    const std::string command = "bash /dev/fd/" + std::to_string(fileno(script));
    std::FILE* const shell = popen(command.c_str(), "r");
    ASSERT_NE(shell, nullptr);
    std::string read;
    std::array<char, 1024> piece{};
    for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), shell)) > 0;)
      read.append(piece.data(), got);
    EXPECT_EQ(pclose(shell), 0);
    EXPECT_EQ(read, word) << quoted;
    std::fclose(script);
  }
}

}  // namespace
}  // namespace sampan::text
