// Received text to stdout by a thread of its own: a reader that stalls does not keep clients from being answered.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "sampan/error.h"

namespace sampan::cli {

/// Text is written in order, each piece as soon as stdout takes it; none is ever dropped. Thread: all calls from any.
class text_writer {
 public:
  text_writer();
  /// As give_up(), then waits for the thread.
  ~text_writer();
  text_writer(const text_writer&) = delete;
  text_writer& operator=(const text_writer&) = delete;

  /// Queues text. When 8 MiB wait already it blocks until there is room: what is received is then left to wait on the network.
  void put(const std::string& text);
  /// Waits until all is written, or so long.
  void wait_until_written(std::chrono::milliseconds most);
  /// No more will come.
  void finish();
  /// Becomes readable when all is written after finish(), or stdout takes no more: failed() then says why, put() does nothing.
  int done() const noexcept { return done_.get(); }
  /// Drops what stdout's reader does not take.
  void give_up();
  std::optional<error> failed() const;

 private:
  void write_on();

  const base::unique_fd done_;
  const base::unique_fd had_enough_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool writing_ = false;
  bool finishing_ = false;
  std::optional<error> failed_;
  std::thread thread_;
};

}  // namespace sampan::cli
