#include "client/journal_keeper.h"

namespace sampan::client {

namespace {

// What a power cut may cost: a moment's download.
constexpr std::chrono::seconds longest_wait{1};
constexpr std::uint64_t most_bytes = 8 << 20;

}  // namespace

void journal_keeper::begin(sink& file) {
  end();
  ends_ = false;
  failure_.reset();
  came_ = written_ = 0;
  thread_ = std::thread([this, &file] { work(file); });
}

std::optional<error> journal_keeper::tell(std::uint64_t came) {
  const std::lock_guard guard(mutex_);
  came_ = came;
  if (came_ - written_ >= most_bytes) changed_.notify_one();
  return failure_;
}

void journal_keeper::work(sink& file) {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    changed_.wait_for(lock, longest_wait, [this] { return ends_ || came_ - written_ >= most_bytes; });
    if (ends_) return;
    if (came_ == written_) continue;
    const std::uint64_t came = came_;
    lock.unlock();
    auto done = file.checkpoint();
    lock.lock();
    written_ = came;
    if (done) continue;
    failure_ = done.error();
    return;
  }
}

void journal_keeper::end() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard(mutex_);
    ends_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

}  // namespace sampan::client
