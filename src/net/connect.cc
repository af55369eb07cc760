#include "net/connect.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace sampan::net {

namespace {

constexpr std::chrono::milliseconds attempt_delay{250};  // RFC 8305 5: the recommended Connection Attempt Delay

// RFC 8305 4: families take turns, beginning with that of the first address.
std::vector<address> interleaved(std::vector<address> list) {
  const auto other = std::stable_partition(
      list.begin(), list.end(), [family = list.front().family()](const address& a) { return a.family() == family; });
  std::vector<address> turns;
  auto first = list.begin();
  auto second = other;
  while (first != other || second != list.end()) {
    if (first != other) turns.push_back(*first++);
    if (second != list.end()) turns.push_back(*second++);
  }
  return turns;
}

class race {
 public:
  race(std::vector<address> list, std::string subject) : list_(std::move(list)), subject_(std::move(subject)) {}

  result<connection> run(const patience& until) {
    for (;;) {
      if (running_.empty() && next_ == list_.size()) return error::system(first_failure_, "connect to", subject_);
      if (next_ < list_.size() && (running_.empty() || clock_type::now() >= next_start_)) {
        start(list_[next_++]);
        continue;
      }
      const bool more = next_ < list_.size();
      patience turn = until;
      if (more) turn.until = std::min(turn.until, next_start_);
      switch (wait_for_any(polled_.data(), polled_.size(), turn)) {
        case waited::interrupted: return error::make(errc::interrupted, "connect to", subject_);
        case waited::timeout:
          if (clock_type::now() >= until.until) return error::make(errc::connect_timeout, "connect to", subject_);
          continue;
        case waited::ready: break;
      }
      for (std::size_t i = running_.size(); i-- > 0;) {
        if (polled_[i].revents != 0 && settled(i)) return std::move(running_[i]);
      }
    }
  }

 private:
  using clock_type = std::chrono::steady_clock;

  void failed(int number) {
    if (first_failure_ == 0) first_failure_ = number;
  }

  void start(const address& peer) {
    next_start_ = clock_type::now() + attempt_delay;
    base::unique_fd fd(socket(peer.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return failed(errno);
    if (::connect(fd.get(), peer.data(), peer.size()) != 0 && errno != EINPROGRESS) return failed(errno);
    polled_.push_back({fd.get(), POLLOUT, 0});
    running_.push_back({std::move(fd), peer});
  }

  // Whether attempt i is connected; a failed one is dropped.
  bool settled(std::size_t i) {
    int number = 0;
    socklen_t length = sizeof number;
    getsockopt(running_[i].fd.get(), SOL_SOCKET, SO_ERROR, &number, &length);
    if (number == 0) return true;
    failed(number);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    polled_.erase(polled_.begin() + static_cast<std::ptrdiff_t>(i));
    return false;
  }

  std::vector<address> list_;
  std::string subject_;
  std::size_t next_ = 0;
  clock_type::time_point next_start_{};
  std::vector<connection> running_;
  std::vector<pollfd> polled_;  // one for each of running_
  int first_failure_ = 0;
};

}  // namespace

result<connection> connect_to(const endpoint& where, const patience& until) {
  auto list = resolve(where, until);
  if (!list) return list.error();
  const bool v6_literal = where.host.find(':') != std::string::npos;
  const std::string subject = (v6_literal ? '[' + where.host + ']' : where.host) + ':' + std::to_string(where.port);
  return race(interleaved(std::move(*list)), subject).run(until);
}

}  // namespace sampan::net
