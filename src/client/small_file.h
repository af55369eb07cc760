// Small whole files: straight to their names, many with one sync.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "client/files.h"
#include "client/target_folder.h"
#include "sampan/error.h"

namespace sampan::client {

/// A body of at most so many bytes is fetched again sooner than a `.part` and a journal are made for it.
constexpr std::size_t most_small_file_bytes = 256 * 1024;

/// Publishes whole bodies without `.part` and journal. Each target is absent, old or complete at any time. Thread: any, several at once.
class small_publisher {
 public:
  /// Gets the target's path, or why it is not there. On a thread that calls add() or flush(), which must not be called from it.
  using callback = std::function<void(result<std::string> path)>;

  explicit small_publisher(files& system = real_files());
  /// Those that wait without a flush() are gone, and their `published` is not called.
  ~small_publisher();

  /// Writes the body to its folder without a name, and names it together with others (without wishes.sync: at once): when there
  /// are most_waiting, or the next comes after longest_wait, or at flush(). @error as target_folder::open(), errc::system; then
  /// `published` is not called
  result<void> add(const target_place& where, std::span<const char> body, const publish_wishes& wishes,
                   callback published);
  /// Publishes what waits. @error the first failure of those it was called for
  result<void> flush();

  /// Each holds two descriptors, of 1,024 that a process may have by default. Twice as many would save 3 of 50 µs a file.
  static constexpr std::size_t most_waiting = 128;
  static constexpr std::chrono::seconds longest_wait{1};

 private:
  struct waiting;
  using group = std::vector<std::unique_ptr<waiting>>;
  result<std::unique_ptr<waiting>> write(const target_place& where, std::span<const char> body) const;
  result<void> publish(const group& ready) const;

  files* system_;
  std::mutex lock_;
  group waiting_;
  std::chrono::steady_clock::time_point oldest_;
};

}  // namespace sampan::client
