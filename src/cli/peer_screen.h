// What the text client's peer says, on stdout.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sampan/error.h"
#include "text/escape.h"

namespace sampan::cli {

/// Exact into a pipe, escaped on a terminal, where a last line is also ended. Thread: one.
class peer_screen {
 public:
  /// @param label  stands before the first text and makes a line of the whole, also in a pipe; may be empty
  /// @param write   takes what is shown
  peer_screen(std::string label, std::function<result<void>(const std::string&)> write);

  /// @error as `write`
  result<void> show(std::string_view text);
  /// A record, which is safe and has its line end. What fails is told by failed().
  void put_record(const std::string& text);
  result<void> failed() const { return failed_; }
  /// Ends the line. @error as `write`, or what failed before
  result<void> finish();
  /// Nothing more will come: a program that reads our pipe may finish now, though we go on.
  void close() const;

 private:
  result<void> put(const std::string& text);

  const std::string label_;
  const std::function<result<void>(const std::string&)> write_;
  const bool terminal_;
  text::stream_escaper escaper_;
  bool begun_ = false;
  char last_ = '\n';
  result<void> failed_;
};

}  // namespace sampan::cli
