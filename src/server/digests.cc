#include "server/digests.h"

#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/digest.h"

namespace sampan::serving {

namespace {

// Bytes read at once: in the second-level cache while they are hashed, and a look at whether anybody still waits every 0.1 ms.
constexpr std::uint64_t portion = 256 * 1024;
static_assert(digests::piece_length % portion == 0);

// What an entry takes besides its pieces: its nodes, its strings, the allocator's share.
constexpr std::size_t entry_bytes = 280;
std::size_t size_of(const file_digests& what) { return entry_bytes + what.pieces.size(); }

// Answers come first: this thread reads when the disk has nothing else to do, and has a tenth of a core where all are busy; with
// less, a Metalink would not come in time. Best effort: without it all is well, too.
void step_back() {
  constexpr int niceness = 10;
  setpriority(PRIO_PROCESS, 0, niceness);  // on Linux of the calling thread alone
  syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

}  // namespace

std::shared_ptr<const file_digests> digests_of(std::string_view content) {
  base::hasher hasher(base::digest_algorithm::sha256);
  hasher.update(content);
  auto made = std::make_shared<file_digests>();
  made->whole = hasher.finish();
  if (!content.empty()) made->pieces = made->whole;
  made->has_pieces = true;
  return made;
}

// Belongs to the thread of its loop, but for its address.
struct digests::waiter {
  net::loop& home;
  std::function<void()> done;
  bool waits = true;
  std::shared_ptr<const file_digests> answer;
};

struct digests::job {
  explicit job(subject what) : about(std::move(what)) {}
  const subject about;
  std::vector<std::shared_ptr<waiter>> waiters;  // this and `kept` under the mutex
  bool kept = false;
  std::atomic<bool> dropped = false;
};

digests::digests(std::size_t most_remembered) : most_remembered_(most_remembered), thread_([this] { serve(); }) {}

digests::~digests() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

std::unique_ptr<digests::wait> digests::ask(net::loop& home, const subject& about, std::function<void()> done) {
  auto who = std::make_shared<waiter>(waiter{home, std::move(done), true, nullptr});
  const std::lock_guard lock(mutex_);
  std::shared_ptr<job> what;
  if (who->answer = find(about); !who->answer) {
    what = find_job(about);
    if (!what) {
      if (queue_.size() == most_jobs) return nullptr;
      what = queue_.emplace_back(std::make_shared<job>(about));
      changed_.notify_one();
    }
    what->waiters.push_back(who);
  }
  return std::unique_ptr<wait>(new wait(*this, std::move(who), std::move(what)));
}

std::shared_ptr<digests::job> digests::find_job(const subject& about) const {
  const auto does = [&](const std::shared_ptr<job>& one) {
    return one->about.state == about.state && (one->about.pieces || !about.pieces);
  };
  if (running_ && !running_->dropped && does(running_)) return running_;
  const auto found = std::find_if(queue_.begin(), queue_.end(), does);
  return found == queue_.end() ? nullptr : *found;
}

void digests::leave(const std::shared_ptr<job>& what, const std::shared_ptr<waiter>& who) {
  const std::lock_guard lock(mutex_);
  std::erase(what->waiters, who);
  if (!what->waiters.empty()) return;
  if (what != running_) {
    std::erase(queue_, what);
  } else if (!what->kept) {
    what->dropped = true;
  }
}

// --- the thread -------------------------------------------------------------------------------------------------------

void digests::serve() {
  step_back();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const auto current = running_ = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const auto made = compute(*current);
    lock.lock();
    if (made) remember(current->about.state, made);
    for (const auto& one : current->waiters) {
      one->home.post([one, made] {
        if (!one->waits) return;
        one->answer = made;
        one->done();
      });
    }
    running_ = nullptr;
  }
}

std::shared_ptr<const file_digests> digests::compute(const job& what) const {
  const auto& [fd, state, pieces] = what.about;
  if (store::state_of(fd->get()) != state) return nullptr;
  const auto buffer = std::make_unique_for_overwrite<char[]>(portion);
  base::hasher whole(base::digest_algorithm::sha256);
  base::hasher piece(base::digest_algorithm::sha256);
  auto made = std::make_shared<file_digests>();
  made->has_pieces = pieces;
  for (std::uint64_t at = 0; at < state.size;) {
    if (what.dropped || stopping_) return nullptr;
    const auto length = std::min({portion, state.size - at, piece_length - at % piece_length});
    const ssize_t got = pread(fd->get(), buffer.get(), length, static_cast<off_t>(at));
    if (got <= 0) return nullptr;
    const std::span<const char> bytes(buffer.get(), static_cast<std::size_t>(got));
    at += bytes.size();
    whole.update(bytes);
    if (!pieces) continue;
    piece.update(bytes);
    if (at % piece_length == 0 || at == state.size) made->pieces += piece.finish();
  }
  made->whole = whole.finish();
  // Any change since the beginning shows now, since the state was old enough for another stamp.
  return store::state_of(fd->get()) == state ? made : nullptr;
}

// --- what is known ----------------------------------------------------------------------------------------------------

std::size_t digests::by_state::operator()(const store::stamp& state) const noexcept {
  return std::hash<std::uint64_t>{}(state.inode ^ (static_cast<std::uint64_t>(state.changed) << 8U));
}

std::shared_ptr<const file_digests> digests::find(const subject& about) {
  const auto found = known_.find(about.state);
  if (found == known_.end() || (about.pieces && !found->second->what->has_pieces)) return nullptr;
  by_use_.splice(by_use_.end(), by_use_, found->second);
  return found->second->what;
}

void digests::remember(const store::stamp& state, std::shared_ptr<const file_digests> what) {
  const auto forget = [this](std::list<remembered>::iterator old) {
    bytes_ -= size_of(*old->what);
    known_.erase(old->state);
    by_use_.erase(old);
  };
  if (const auto old = known_.find(state); old != known_.end()) forget(old->second);
  bytes_ += size_of(*what);
  by_use_.push_back({state, std::move(what)});
  known_.emplace(state, std::prev(by_use_.end()));
  while (bytes_ > most_remembered_) forget(by_use_.begin());
}

// --- a wait -----------------------------------------------------------------------------------------------------------

digests::wait::~wait() {
  who_->waits = false;
  if (what_) owner_.leave(what_, who_);
}

const std::shared_ptr<const file_digests>& digests::wait::answer() const noexcept { return who_->answer; }

void digests::wait::leave_it_running() {
  const std::lock_guard lock(owner_.mutex_);
  if (owner_.running_ && what_ == owner_.running_) what_->kept = true;
}

}  // namespace sampan::serving
