#include "cli/peer_screen.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace sampan::cli {

peer_screen::peer_screen(std::string label, std::function<result<void>(const std::string&)> write)
    : label_(std::move(label)), write_(std::move(write)), terminal_(isatty(STDOUT_FILENO) != 0) {}

result<void> peer_screen::show(std::string_view text) {
  std::string shown = begun_ ? std::string() : label_;
  begun_ = true;
  if (terminal_) {
    escaper_.feed(text, shown);
  } else {
    shown += text;
  }
  return put(shown);
}

void peer_screen::put_record(const std::string& text) {
  if (failed_) failed_ = put(text);
}

result<void> peer_screen::finish() {
  if (!failed_) return failed_;
  std::string rest;
  if (terminal_) escaper_.finish(rest);
  const char last = rest.empty() ? last_ : rest.back();
  if (begun_ && (terminal_ || !label_.empty()) && last != '\n') rest += '\n';
  return put(rest);
}

void peer_screen::close() const {
  if (terminal_) return;
  const base::unique_fd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nowhere) dup2(nowhere.get(), STDOUT_FILENO);
}

result<void> peer_screen::put(const std::string& text) {
  if (!text.empty()) last_ = text.back();
  return write_(text);
}

}  // namespace sampan::cli
