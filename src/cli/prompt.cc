#include "cli/prompt.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "cli/i18n.h"
#include "cli/signals.h"
#include "net/wait.h"

namespace sampan::cli {

namespace {

int question_fd() {
  if (!isatty(STDIN_FILENO)) return -1;
  if (isatty(STDERR_FILENO)) return STDERR_FILENO;
  return isatty(STDOUT_FILENO) ? STDOUT_FILENO : -1;
}

void show(const std::string& text) {
  const int fd = question_fd();
  if (fd < 0) return;
  [[maybe_unused]] const auto written = write(fd, text.data(), text.size());
}

}  // namespace

namespace {
// Returns whether the flag was another one before.
bool set_utf8_flag(bool on) {
  termios modes{};
  if (tcgetattr(STDIN_FILENO, &modes) != 0 || ((modes.c_iflag & IUTF8) != 0) == on) return false;
  modes.c_iflag ^= IUTF8;
  return tcgetpgrp(STDIN_FILENO) == getpgrp() && tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0;
}
}  // namespace

utf8_typing::utf8_typing() : changed_(set_utf8_flag(true)) {}

utf8_typing::~utf8_typing() {
  if (changed_) set_utf8_flag(false);
}

result<std::string> ask(const char* question, int signals) {
  const utf8_typing whole_characters;
  show(question);
  std::string line;
  for (;;) {
    net::patience limits;
    limits.interrupt_fd = signals;
    if (net::wait_for(STDIN_FILENO, POLLIN, limits) == net::waited::interrupted) {
      show("\n");
      return error::numbered(errc::interrupted, next_signal(signals), "read", _("standard input"));
    }
    char byte = 0;
    const auto got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0 && line.empty()) {
      show("\n");
      return error::make(errc::end_of_input, "read", _("standard input"));
    }
    if (got <= 0 || byte == '\n') break;
    line += byte;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace sampan::cli
