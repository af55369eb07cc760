// The line at the bottom of a conversation: a person types there while text comes in above.
#pragma once

#include <termios.h>

#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"
#include "cli/text_writer.h"
#include "ui/line_editor.h"
#include "ui/line_view.h"

namespace sampan::cli {

/// Whether there can be one: a person types, and sees what is written to stdout, on a terminal that can move its cursor.
bool has_prompt_line();

/// Blocks the signals that a prompt line waits for. Once, before any thread, by commands that may have one.
void block_terminal_signals();

/// Reads keys on a thread of its own and gives finished lines to a pipe. While it lives, all that is shown must go through above().
/// Thread: above() from any.
class prompt_line {
 public:
  /// @param out  writes to stdout; lives longer
  explicit prompt_line(text_writer& out);
  /// Removes the line, gives the terminal back. What was typed but not read is lost.
  ~prompt_line();
  prompt_line(const prompt_line&) = delete;
  prompt_line& operator=(const prompt_line&) = delete;

  /// Lines with their ends; its end is Ctrl-D. Non-blocking is not needed: poll it.
  int lines() const noexcept { return lines_out_.get(); }

  /// Takes the terminal and shows the line. Once; before that above() only shows.
  void begin();

  /// Shows text above the line. What has no line end yet stays and is continued by the next text. @param text  escaped for a terminal
  void above(std::string_view text);

 private:
  void read_keys();
  void obey(const ui::typed& keys);
  bool take_signals();
  void redraw();
  void give_lines();
  void suspend();
  void take_terminal();
  void give_terminal_back() const;
  std::string redrawn();
  std::string left_standing();

  text_writer& out_;
  termios before_{};
  base::unique_fd signals_;
  base::unique_fd stop_;
  base::unique_fd lines_out_;
  base::unique_fd lines_in_;
  std::string pending_;  // finished lines that the pipe has no room for; the thread's own

  std::mutex mutex_;
  bool shown_ = false;  // begun, and Ctrl-D was not typed
  ui::line_editor editor_;
  ui::line_view view_;
  std::string unfinished_;  // what came since the last line end
  std::thread thread_;
};

}  // namespace sampan::cli
