#include "cli/log_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "cli/i18n.h"
#include "cli/messages.h"

namespace sampan::cli {

namespace {

constexpr std::size_t most_waiting = 8 << 20;          // seconds of a very busy server's lines
constexpr std::size_t enough = most_waiting / 2;       // no reason to gather longer
constexpr std::size_t kept = 1 << 20;                  // a batch of ordinary size; a burst's memory is given back
constexpr std::chrono::milliseconds gather_time{100};  // unnoticed by whoever watches the log

struct progress {
  std::size_t written = 0;
  int error = 0;
};

progress write_all(int fd, std::string_view text) {
  progress done;
  while (done.written < text.size()) {
    const auto written = write(fd, text.data() + done.written, text.size() - done.written);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      done.error = errno;
      break;
    }
    done.written += static_cast<std::size_t>(written);
  }
  return done;
}

}  // namespace

result<base::unique_fd> open_log(const std::string& path) {
  // Links are followed: the path is the administrator's own, and /dev/stdout is one. Where others may plant links, in /tmp,
  // the kernel does not follow theirs (fs.protected_symlinks). O_NONBLOCK: a fifo without a reader must not hold up the start.
  constexpr mode_t for_owner_and_group = 0640;  // who asked for what is not everybody's business
  base::unique_fd file(
      open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, for_owner_and_group));
  if (!file) return error::system(errno, "open", path);
  const int flags = fcntl(file.get(), F_GETFL);
  fcntl(file.get(), F_SETFL, flags & ~O_NONBLOCK);
  return file;
}

log_writer::log_writer() : thread_([this] { write_out(); }) {}

log_writer::log_writer(base::unique_fd file, std::string path, log_writer& notices)
    : path_(std::move(path)), notices_(&notices), file_(std::move(file)), thread_([this] { write_out(); }) {}

log_writer::~log_writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void log_writer::line(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const std::size_t before = waiting_.size();
  if (before + text.size() + 1 > most_waiting) {
    ++dropped_;
    return;
  }
  waiting_.append(text).append(1, '\n');
  const bool much = before <= enough && waiting_.size() > enough;
  if (!asleep_ && !much) return;
  asleep_ = false;
  changed_.notify_one();
}

void log_writer::reopen() {
  auto file = open_log(path_);
  if (!file) return notices_->line(message_of(file.error()));
  {
    const std::lock_guard lock(mutex_);
    next_file_ = std::move(*file);
  }
  changed_.notify_one();
}

void log_writer::write_out() {
  std::string text;
  std::unique_lock lock(mutex_);
  for (;;) {
    asleep_ = true;
    changed_.wait(lock, [this] { return stopping_ || next_file_ || !waiting_.empty(); });
    asleep_ = false;
    if (next_file_) file_ = std::move(next_file_);
    if (stopping_ && waiting_.empty()) return;
    text.swap(waiting_);
    const std::size_t dropped = std::exchange(dropped_, 0);
    lock.unlock();
    write_batch(text);
    if (dropped != 0) tell_dropped(dropped);
    text.clear();
    if (text.capacity() > kept) text.shrink_to_fit();
    lock.lock();
    changed_.wait_for(lock, gather_time, [this] { return stopping_ || waiting_.size() > enough; });
  }
}

void log_writer::write_batch(std::string_view text) {
  if (text.empty()) return;
  const int fd = notices_ ? file_.get() : STDERR_FILENO;
  if (in_line_ && write_all(fd, "\n").error != 0) return;
  in_line_ = false;
  const progress done = write_all(fd, text);
  if (done.written != 0) in_line_ = text[done.written - 1] != '\n';
  // Stderr itself has nobody to tell.
  if (done.error != 0 && !failing_ && notices_)
    notices_->line(message_of(error::system(done.error, "write to", path_)));
  failing_ = done.error != 0;
}

void log_writer::tell_dropped(std::size_t count) {
  if (notices_) {
    return notices_->line(fmt::format(fmt::runtime(_("{} log lines were dropped: {} is too slow")), count, path_));
  }
  const auto line = fmt::format(fmt::runtime(_("{} log lines were dropped: stderr is too slow")), count) + '\n';
  write_all(STDERR_FILENO, line);
}

}  // namespace sampan::cli
