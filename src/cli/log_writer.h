// Log lines to stderr or a file by a thread of their own: a worker never waits for a slow pipe or disk.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"
#include "sampan/error.h"

namespace sampan::cli {

/// Opens a log to append to; it is made, for owner and group to read, where it is missing.
/// @error errc::system, operation "open"
result<base::unique_fd> open_log(const std::string& path);

/// Writes the first line at once, then what gathered in 100 ms: a busy server does not wake its thread for every line.
/// Thread: line() from any; reopen() from one. The destructor writes what is left.
class log_writer {
 public:
  /// To stderr.
  log_writer();
  /// To open_log(path). What is amiss is told to `notices`, which must live longer.
  log_writer(base::unique_fd file, std::string path, log_writer& notices);
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// Queues one line, given without its end. When over 8 MiB wait to be written, lines are dropped and counted instead: memory is
  /// bounded, and nobody waits. Cost: a lock and a copy.
  void line(std::string_view text);

  /// Goes on in a newly opened file of the same name: what was moved away is complete. Where that fails, the old one is kept. Files only.
  void reopen();

 private:
  void write_out();
  void write_batch(std::string_view text);
  void tell_dropped(std::size_t count);

  const std::string path_;               // empty: stderr
  log_writer* const notices_ = nullptr;  // null: stderr
  base::unique_fd file_;                 // the thread's own
  bool in_line_ = false;  // a full disk broke the last write off within a line, which must stay one; the thread's own
  bool failing_ = false;  // that was told; the thread's own

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::size_t dropped_ = 0;
  base::unique_fd next_file_;
  bool asleep_ = false;  // the thread waits for a first line
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sampan::cli
