#include "net/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "sampan/error.h"

namespace sampan::net {

namespace {
// More events a call save nothing: a turn's fixed cost is below 1 % by then, and 256 keep the array in the first-level cache.
constexpr std::size_t events_per_turn = 256;
}  // namespace

const std::uint32_t ready_to_read = EPOLLIN;
const std::uint32_t ready_to_write = EPOLLOUT;
const std::uint32_t peer_ended = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const std::uint32_t broken = EPOLLHUP | EPOLLERR;

struct loop::fetched {
  std::array<epoll_event, events_per_turn> events;
  std::span<epoll_event> left;
};

deadline_list::deadline_list(loop& owner, milliseconds length) : owner_(owner), length_(length) {
  owner.deadlines_.push_back(this);
}

void deadline_list::arm(handler& waiting) {
  const auto due = owner_.now() + length_;
  constexpr int precision = 64;
  if (waiting.armed() && waiting.armed_on_ == this && due - waiting.due_ < length_ / precision) return;
  waiting.disarm();
  waiting.due_ = due;
  waiting.armed_on_ = this;
  waiting_.push_back(waiting);
}

clock::time_point deadline_list::first_due() const noexcept { return waiting_.front().due_; }

void deadline_list::expire(clock::time_point now) {
  while (!waiting_.empty() && first_due() <= now) {
    handler& first = waiting_.front();
    first.disarm();
    first.on_deadline();
  }
}

loop::loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_ || !wake_) throw failure(error::system(errno, "create an event loop", ""));
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.ptr = nullptr;  // no handler: the wake-up call
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &wanted) != 0)
    throw failure(error::system(errno, "create an event loop", ""));
}

int loop::watch(int fd, handler& who) {
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wanted.data.ptr = &who;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &wanted) == 0 ? 0 : errno;
}

void loop::forget(handler& who) noexcept {
  who.disarm();
  who.detail::again_hook::unlink();
  if (!fetched_) return;
  for (epoll_event& event : fetched_->left) {
    if (event.data.ptr == &who) event.events = 0;
  }
}

void loop::again(handler& who) {
  if (!who.detail::again_hook::is_linked()) again_.push_back(who);
}

bool loop::is_last_event() const noexcept { return fetched_ == nullptr || fetched_->left.empty(); }

void loop::post(std::function<void()> call) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(call));
  }
  eventfd_write(wake_.get(), 1);
}

void loop::stop() {
  post([this] { stopping_ = true; });
}

int loop::timeout_ms() const noexcept {
  if (!again_.empty()) return 0;
  auto first = clock::time_point::max();
  for (const deadline_list* list : deadlines_) {
    if (!list->empty()) first = std::min(first, list->first_due());
  }
  if (first == clock::time_point::max()) return -1;
  const auto now = clock::now();
  if (first <= now) return 0;
  const auto wait = std::chrono::ceil<milliseconds>(first - now).count();
  return static_cast<int>(std::min<long long>(wait, 3'600'000));
}

void loop::run() {
  fetched turn;
  fetched_ = &turn;
  while (!stopping_) {
    const int count = epoll_wait(epoll_.get(), turn.events.data(), static_cast<int>(events_per_turn), timeout_ms());
    now_ = clock::now();
    dispatch(std::max(count, 0));  // EINTR is a turn without events
    if (after_events_) after_events_();
    run_again();
    for (std::size_t i = 0; i < deadlines_.size(); ++i) {
      if (!deadlines_[i]->empty()) deadlines_[i]->expire(now_);  // of many lists few are in use
    }
  }
  fetched_ = nullptr;
}

void loop::dispatch(int count) {
  fetched_->left = std::span(fetched_->events).first(static_cast<std::size_t>(count));
  while (!fetched_->left.empty()) {
    const epoll_event event = fetched_->left.front();
    fetched_->left = fetched_->left.subspan(1);
    if (event.data.ptr == nullptr) {
      eventfd_t ignored = 0;
      eventfd_read(wake_.get(), &ignored);
      run_posted();
    } else if (event.events != 0) {
      static_cast<handler*>(event.data.ptr)->on_ready(event.events);
    }
  }
}

// Only those who asked before this turn: one that asks anew waits for the next, so that sockets are looked at in between.
void loop::run_again() {
  again_list asked;
  asked.swap(again_);
  while (!asked.empty()) {
    handler& next = asked.front();
    next.detail::again_hook::unlink();
    next.on_ready(0);
  }
}

void loop::run_posted() {
  std::vector<std::function<void()>> calls;
  {
    const std::lock_guard lock(posted_mutex_);
    calls.swap(posted_);
  }
  for (auto& call : calls) call();
}

}  // namespace sampan::net
