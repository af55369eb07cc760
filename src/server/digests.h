// Digests of served files: computed by one thread in the background, and remembered by the file's state.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/unique_fd.h"
#include "net/loop.h"
#include "store/local_dir.h"

namespace sampan::serving {

/// SHA-256 of a file, and perhaps of its pieces.
struct file_digests {
  std::string whole;   ///< 32 bytes
  std::string pieces;  ///< side by side, 32 bytes for each piece_length bytes or the rest; for has_pieces
  bool has_pieces = false;
};

/// Both digests of content in memory, at most digests::piece_length bytes of it. Cost: 2.4 µs for 4 KiB. Thread: pure.
std::shared_ptr<const file_digests> digests_of(std::string_view content);

/// For all workers together. Thread: ask() from the thread of the loop it names, and so for the wait it gives.
class digests {
 public:
  /// Longest file: half a second of a core, 10 s of a hard disk, and over 200 ms wherever it is read from.
  static constexpr std::uint64_t most_hashed = 1 << 30;
  /// Bytes between two digests of pieces: what a client fetches again where one is wrong.
  static constexpr std::uint64_t piece_length = 1 << 20;
  static_assert(most_hashed / piece_length <= 4096, "a Metalink of more pieces would be over 350 KiB");
  /// Files that wait for their turn: whoever comes after them would hardly be answered in time.
  static constexpr std::size_t most_jobs = 16;
  /// Bytes remembered: 15,000 files, or 125 of 1 GiB with their pieces.
  static constexpr std::size_t most_bytes = 4 << 20;

  /// @param most_remembered  bytes
  explicit digests(std::size_t most_remembered = most_bytes);
  /// Ends at once, whatever is under way.
  ~digests();
  digests(const digests&) = delete;
  digests& operator=(const digests&) = delete;

  struct subject {
    std::shared_ptr<const base::unique_fd> fd;
    store::stamp state;  ///< so long ago that another change cannot share its stamps
    bool pieces = false;
  };
  class wait;
  /// The answer, if it is known, or a wait for it; null where too many wait already.
  /// @param done  called on `home`, which must outlive this object, once answer() is what came of it; not if answer() has it already
  /// Cost: 0.3 µs with an answer.
  std::unique_ptr<wait> ask(net::loop& home, const subject& about, std::function<void()> done);

 private:
  struct waiter;
  struct job;
  struct remembered {
    store::stamp state;
    std::shared_ptr<const file_digests> what;
  };
  struct by_state {
    std::size_t operator()(const store::stamp& state) const noexcept;
  };

  void serve();
  std::shared_ptr<const file_digests> compute(const job& what) const;
  std::shared_ptr<const file_digests> find(const subject& about);
  void remember(const store::stamp& state, std::shared_ptr<const file_digests> what);
  std::shared_ptr<job> find_job(const subject& about) const;
  void leave(const std::shared_ptr<job>& what, const std::shared_ptr<waiter>& who);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_ = false;
  std::deque<std::shared_ptr<job>> queue_;  // not begun
  std::shared_ptr<job> running_;
  std::list<remembered> by_use_;  // the one asked for longest ago first
  std::unordered_map<store::stamp, std::list<remembered>::iterator, by_state> known_;
  const std::size_t most_remembered_;
  std::size_t bytes_ = 0;
  std::thread thread_;
};

/// Somebody's interest in digests. A job that nobody is interested in any more is dropped, be it half done.
class digests::wait {
 public:
  ~wait();
  wait(const wait&) = delete;
  wait& operator=(const wait&) = delete;

  /// Null as long as done() was not called, and where the file changed meanwhile or could not be read.
  const std::shared_ptr<const file_digests>& answer() const noexcept;
  /// Before this goes: it took too long, but whoever asks next shall have it. A job that has begun is finished.
  void leave_it_running();

 private:
  friend class digests;
  wait(digests& owner, std::shared_ptr<waiter> who, std::shared_ptr<job> what)
      : owner_(owner), who_(std::move(who)), what_(std::move(what)) {}

  digests& owner_;
  const std::shared_ptr<waiter> who_;
  const std::shared_ptr<job> what_;  // null: the answer was known
};

}  // namespace sampan::serving
