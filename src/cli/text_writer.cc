#include "cli/text_writer.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <utility>

#include "cli/output.h"

namespace sampan::cli {

namespace {
constexpr std::size_t most_waiting = 8U << 20;  // as log_writer's: seconds of text at any speed a person or a disk sets
}

text_writer::text_writer() : done_(eventfd(0, EFD_CLOEXEC)), had_enough_(eventfd(0, EFD_CLOEXEC)) {
  if (!done_ || !had_enough_) throw failure(error::system(errno, "create", "eventfd"));
  thread_ = std::thread([this] { write_on(); });
}

text_writer::~text_writer() {
  give_up();
  finish();
  thread_.join();
}

void text_writer::put(const std::string& text) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < most_waiting || failed_; });
  if (failed_) return;
  waiting_ += text;
  changed_.notify_all();
}

void text_writer::wait_until_written(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [this] { return (waiting_.empty() && !writing_) || failed_; });
}

void text_writer::finish() {
  const std::lock_guard lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
}

void text_writer::give_up() { eventfd_write(had_enough_.get(), 1); }

std::optional<error> text_writer::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

void text_writer::write_on() {
  std::unique_lock lock(mutex_);
  while (!failed_) {
    changed_.wait(lock, [this] { return finishing_ || !waiting_.empty(); });
    if (waiting_.empty()) break;
    const std::string piece = std::exchange(waiting_, {});
    writing_ = true;
    changed_.notify_all();
    lock.unlock();
    auto written = write_out(piece, had_enough_.get());
    lock.lock();
    writing_ = false;
    changed_.notify_all();
    if (!written) failed_ = written.error();
  }
  changed_.notify_all();
  eventfd_write(done_.get(), 1);
}

}  // namespace sampan::cli
