// Threads for work that blocks (cold files), so that no loop ever waits for a disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "net/loop.h"

namespace sampan::net {

/// A few threads. Thread: run() from any.
class pool {
 public:
  explicit pool(std::size_t threads);
  /// Finishes what is queued, then joins.
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// Runs `work` on a thread of the pool, then posts `done` to the loop, which must outlive the pool.
  void run(loop& home, std::function<void()> work, std::function<void()> done);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sampan::net
