#include "net/connect.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace sampan::net {

namespace {

constexpr std::chrono::milliseconds attempt_delay{250};  // RFC 8305 5: the recommended Connection Attempt Delay

// A peer that has gone without a word (power, cable, a NAT that forgot) is noticed: while we wait for it by probes, while
// we send to it by what is not acknowledged. The time is the same for both, and so long that a reboot of a router is
// survived. It also ends the connection to a peer that takes nothing for that long.
constexpr int probe_after_s = 30;
constexpr int probe_every_s = 10;
constexpr int probes = 9;
constexpr int give_up_after_ms = (probe_after_s + probe_every_s * probes) * 1000;

void set(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);  // what the kernel does not have goes without
}

void prepare(int socket) {
  set(socket, IPPROTO_TCP, TCP_NODELAY,
      1);  // else a request waits for the acknowledgement of a handshake's last message
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, probe_after_s);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, probe_every_s);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, probes);
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, give_up_after_ms);
}

class race {
 public:
  /// @param source  none: the kernel's choice
  race(std::vector<address> list, std::string subject, std::optional<address> source = {}, int type = SOCK_STREAM)
      : list_(std::move(list)), subject_(std::move(subject)), source_(source), type_(type) {}

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
        if (polled_[i].revents == 0 || !settled(i)) continue;
        if (type_ == SOCK_STREAM) prepare(running_[i].fd.get());
        return std::move(running_[i]);
      }
    }
  }

 private:
  using clock_type = std::chrono::steady_clock;

  void failed(int number) {
    if (first_failure_ == 0) first_failure_ = number;
    next_start_ = clock_type::now();
  }

  void start(const address& peer) {
    next_start_ = clock_type::now() + attempt_delay;
    base::unique_fd fd(socket(peer.family(), type_ | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return failed(errno);
    if (source_ && !bind_source(fd.get())) return failed(errno);
    if (::connect(fd.get(), peer.data(), peer.size()) != 0 && errno != EINPROGRESS) return failed(errno);
    polled_.push_back({fd.get(), POLLOUT, 0});
    running_.push_back({std::move(fd), peer});
  }

  // Reused, else the port would be taken for a minute by the connection before.
  bool bind_source(int fd) const {
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    return bind(fd, source_->data(), source_->size()) == 0;
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
  std::optional<address> source_;
  const int type_;
  std::size_t next_ = 0;
  clock_type::time_point next_start_{};
  std::vector<connection> running_;
  std::vector<pollfd> polled_;  // one for each of running_
  int first_failure_ = 0;
};

// The address to connect from, of the family that it is for; none where nothing was asked for.
result<std::optional<address>> source_of(const connect_form& form, int family) {
  if (!form.source.empty()) {
    auto source = address::from_ip(form.source, form.source_port);
    if (!source) return source.error();
    return std::optional(*source);
  }
  if (form.source_port == 0) return std::optional<address>();
  return std::optional(family == AF_INET6 ? address::any_v6(form.source_port) : address::any_v4(form.source_port));
}

}  // namespace

std::vector<address> in_turns(std::vector<address> list) {
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

result<connection> connect_to_first(const std::vector<address>& list, const std::string& subject,
                                    const patience& until) {
  return race(in_turns(list), subject).run(until);
}

result<connection> connect_to(const endpoint& where, const patience& until, ip_family family) {
  auto list = resolve(where, until, family);
  if (!list) return list.error();
  return connect_to_first(*list, where.to_string(), until);
}

result<connection> connect_to(const endpoint& where, const patience& until, const connect_form& form) {
  if (form.numeric) {
    if (auto literal = address::from_ip(where.host, where.port); !literal) return literal.error();
  }
  auto list = resolve(where, until);
  if (!list) return list.error();
  auto source = source_of(form, form.family);
  if (!source) return source.error();
  int family = form.source.empty() ? form.family : (*source)->family();
  if (family == AF_UNSPEC && *source) family = list->front().family();  // one socket's source port fits one family
  std::erase_if(*list, [family](const address& one) { return family != AF_UNSPEC && one.family() != family; });
  if (list->empty()) return error::numbered(errc::resolve_failed, EAI_ADDRFAMILY, "resolve", where.host);
  if (*source && form.source.empty()) source = source_of(form, family);
  return race(in_turns(std::move(*list)), where.to_string(), *source, form.datagram ? SOCK_DGRAM : SOCK_STREAM)
      .run(until);
}

}  // namespace sampan::net
