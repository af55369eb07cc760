// Writing the journal of a download while its bytes come.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "client/sink.h"

namespace sampan::client {

/// Calls sink::checkpoint() on a thread of its own, for every 8 MiB or second: the disk is waited for there, and not where
/// bytes are received. Thread: one.
class journal_keeper {
 public:
  journal_keeper() = default;
  ~journal_keeper() { end(); }
  journal_keeper(const journal_keeper&) = delete;
  journal_keeper& operator=(const journal_keeper&) = delete;

  void begin(sink& file);
  bool runs() const noexcept { return thread_.joinable(); }
  /// Now and then. @param came  bytes so far @return  what went wrong
  std::optional<error> tell(std::uint64_t came);
  /// Waits for a checkpoint that is under way.
  void end();

 private:
  void work(sink& file);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
  std::uint64_t came_ = 0, written_ = 0;
  bool ends_ = false;
  std::optional<error> failure_;
};

}  // namespace sampan::client
