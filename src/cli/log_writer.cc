#include "cli/log_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "cli/i18n.h"

namespace sampan::cli {

namespace {
constexpr std::size_t most_waiting = 8 << 20;

void write_all(std::string_view text) {
  while (!text.empty()) {
    const auto written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // a log that cannot be written has nobody to tell
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}
}  // namespace

log_writer::log_writer() : thread_([this] { write_out(); }) {}

log_writer::~log_writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void log_writer::line(std::string text) {
  text += '\n';
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + text.size() > most_waiting) {
    ++dropped_;
    return;
  }
  if (waiting_.empty()) changed_.notify_one();
  waiting_ += text;
}

void log_writer::write_out() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::string text;
    text.swap(waiting_);
    if (dropped_ != 0)
      text += fmt::format(fmt::runtime(_("{} log lines were dropped: stderr is too slow")), dropped_) + '\n';
    dropped_ = 0;
    lock.unlock();
    write_all(text);
    lock.lock();
  }
}

}  // namespace sampan::cli
