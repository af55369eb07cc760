// The event loop: readiness, deadlines and calls from other threads, on one epoll descriptor a thread.
// Why not Asio: docs/decisions/0002-own-event-loop.md.
#pragma once

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/unique_fd.h"

namespace sampan::net {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class loop;
class deadline_list;

// What on_ready() is told, as bits.
extern const std::uint32_t ready_to_read;
extern const std::uint32_t ready_to_write;
/// The peer has shut down its side, or the connection is broken.
extern const std::uint32_t peer_ended;
/// Nothing can be sent any more.
extern const std::uint32_t broken;

namespace detail {
using unlinking = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;
struct again_tag;
struct deadline_tag;
using again_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<again_tag>, unlinking>;
using deadline_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<deadline_tag>, unlinking>;
}  // namespace detail

/// Whoever waits for something: derive from it. One descriptor and one deadline at a time.
/// May destroy itself inside a call, after loop::forget(). Thread: its loop's.
class handler : public detail::again_hook, public detail::deadline_hook {
 public:
  handler() = default;
  handler(const handler&) = delete;
  handler& operator=(const handler&) = delete;

  /// @param events  of the bits above; 0 after loop::again().
  virtual void on_ready(std::uint32_t events) = 0;
  /// The deadline armed last has passed; it is no longer armed.
  virtual void on_deadline() {}

  void disarm() noexcept { detail::deadline_hook::unlink(); }
  bool armed() const noexcept { return detail::deadline_hook::is_linked(); }

 protected:
  virtual ~handler() = default;

 private:
  friend class deadline_list;
  const deadline_list* armed_on_ = nullptr;  // the list it was put into last
  clock::time_point due_{};
};

/// Deadlines that all have one length, so that the list is in order by itself and arming is O(1) without a timer each.
/// Lives as long as its loop. Thread: its loop's.
class deadline_list {
 public:
  deadline_list(loop& owner, milliseconds length);
  deadline_list(const deadline_list&) = delete;
  deadline_list& operator=(const deadline_list&) = delete;

  /// (Re)starts the handler's one deadline, which may have been on another list. Good to a 64th of the length: for less
  /// it keeps its place, since moving it costs the memory of its neighbours, too, which is cold among many handlers.
  void arm(handler& waiting);
  milliseconds length() const noexcept { return length_; }

 private:
  friend class loop;
  using hook = boost::intrusive::base_hook<detail::deadline_hook>;

  bool empty() const noexcept { return waiting_.empty(); }
  clock::time_point first_due() const noexcept;
  void expire(clock::time_point now);

  loop& owner_;
  milliseconds length_;
  boost::intrusive::list<handler, hook, boost::intrusive::constant_time_size<false>> waiting_;
};

/// One epoll loop. Everything but post() and stop() belongs to the thread that calls run().
class loop {
 public:
  loop();
  ~loop() = default;
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  /// Watches a non-blocking descriptor, edge-triggered, for reading and writing at once: one system call a connection.
  /// The handler must go on until EAGAIN, or ask for again(). Returns errno, 0 when all is well.
  [[nodiscard]] int watch(int fd, handler& who);
  /// No further call for this handler, also not from events already fetched. Its descriptor is closed by the caller.
  void forget(handler& who) noexcept;
  /// Calls on_ready(0) in the next turn, after everybody else had theirs.
  void again(handler& who);
  /// Called in each turn when all handlers that were ready have been called, before those that asked for again().
  void after_events(std::function<void()> call) { after_events_ = std::move(call); }
  /// Whether the handler that is being called is the last of those that were ready in this turn.
  bool is_last_event() const noexcept;
  /// Runs `call` on the loop's thread, soon. Any thread.
  void post(std::function<void()> call);

  /// The time when this turn began; good to about a turn.
  clock::time_point now() const noexcept { return now_; }

  void run();
  /// Makes run() return after the current turn. Any thread.
  void stop();

 private:
  friend class deadline_list;
  using again_base = boost::intrusive::base_hook<detail::again_hook>;
  using again_list = boost::intrusive::list<handler, again_base, boost::intrusive::constant_time_size<false>>;

  int timeout_ms() const noexcept;
  void dispatch(int count);
  void run_again();
  void run_posted();

  base::unique_fd epoll_;
  base::unique_fd wake_;
  clock::time_point now_ = clock::now();
  std::vector<deadline_list*> deadlines_;
  again_list again_;
  struct fetched;  // the events of this turn that have not been handled yet
  fetched* fetched_ = nullptr;
  std::function<void()> after_events_;

  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  bool stopping_ = false;
};

}  // namespace sampan::net
