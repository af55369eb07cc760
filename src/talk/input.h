// A descriptor of any kind (terminal, pipe, file) read on a thread of its own, piece by piece, at the reader's pace.
#pragma once

#include <atomic>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>

#include "base/unique_fd.h"

namespace sampan::talk {

/// epoll takes no regular files, and stdin must not be made non-blocking (the shell shares it): hence a thread.
class input {
 public:
  /// @param deliver  called on the input's thread with what one read gave; never empty. Not called after the end of the input.
  input(int fd, std::function<void(std::string)> deliver);
  /// Waits for the thread, which at most has a `deliver` to finish.
  ~input();
  input(const input&) = delete;
  input& operator=(const input&) = delete;

  /// Lets one more piece be read. Any thread.
  void allow() { allowed_.release(); }

 private:
  void read_on();
  bool wait_for_bytes() const;

  int fd_;
  std::function<void(std::string)> deliver_;
  base::unique_fd wake_;
  std::counting_semaphore<> allowed_{0};
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace sampan::talk
