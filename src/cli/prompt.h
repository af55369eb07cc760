// Questions to the person at the terminal, or to the pipe that stands in for one.
#pragma once

#include <string>

#include "sampan/error.h"

namespace sampan::cli {

/// While it lives, the terminal on stdin (if it is one) takes back whole UTF-8 characters, not single bytes of them, when a
/// typed character is erased. Thread: one.
class utf8_typing {
 public:
  utf8_typing();
  ~utf8_typing();
  utf8_typing(const utf8_typing&) = delete;
  utf8_typing& operator=(const utf8_typing&) = delete;

 private:
  bool changed_ = false;
};

/// Asks and reads one line from stdin, byte by byte, so that nothing after it is lost. The question is shown only where stdin is a
/// terminal, on stderr or, if that is none, on stdout.
/// @error end_of_input; interrupted (number: the signal), after a line end so that the shell's prompt stands alone
result<std::string> ask(const char* question, int signals);

}  // namespace sampan::cli
