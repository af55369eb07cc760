// Log lines to stderr by a thread of their own: a worker never waits for a slow pipe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace sampan::cli {

/// Thread: line() from any. The destructor writes what is left.
class log_writer {
 public:
  log_writer();
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// Queues one line. When over 8 MiB wait to be written, lines are dropped and counted instead: memory is bounded.
  void line(std::string text);

 private:
  void write_out();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::size_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sampan::cli
