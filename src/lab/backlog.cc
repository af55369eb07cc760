#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "lab/notes.h"

namespace sampan::lab {

namespace calls = net::calls;

namespace {

constexpr std::size_t crowd_size = 1000;
constexpr int course_backlog = 128;  // what the course's programs give listen(2)
constexpr int deep_backlog =
    4096;  // what `sampan serve` gives it; the kernel's own limit, somaxconn, is the same since Linux 5.4
constexpr std::size_t most_taken = course_backlog + 1;  // Linux takes one more than was asked for

/// Clients that ask for a connection all at once and then wait for the server to speak.
class crowd {
 public:
  crowd(stage& on, const net::address& where) {
    for (std::size_t i = 0; i < crowd_size; ++i) {
      all_.push_back(calls::open(calls::transport::tcp));
      calls::begin_connect(all_.back().get(), where);
    }
    on.tell(call{"1000 × client.connect(" + where.to_string() + ')', state_counts()});
  }

  std::size_t count(net::tcp_state state) const {
    return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [&](const base::unique_fd& one) {
      const auto about = calls::count(one.get());
      return about && about->state == state;
    }));
  }
  std::string state_counts() const {
    return std::to_string(count(net::tcp_state::established)) + " ESTAB, " +
           std::to_string(count(net::tcp_state::syn_sent)) + " SYN-SENT";
  }
  const std::vector<base::unique_fd>& all() const { return all_; }

 private:
  std::vector<base::unique_fd> all_;
};

/// Everyone who waits in the queue, told as one line.
class guests {
 public:
  void take(stage& on, const actor& listener) {
    std::size_t count = 0;
    for (auto got = calls::accept(listener.fd()); got.fd; got = calls::accept(listener.fd())) {
      peers_.push_back(got.peer.to_string());
      fds_.push_back(std::move(got.fd));
      ++count;
    }
    if (count > 0) on.tell(call{"listener.accept() … EAGAIN", std::to_string(count)});
  }
  bool has(const base::unique_fd& client) const {
    return std::find(peers_.begin(), peers_.end(), calls::local_address(client.get()).to_string()) != peers_.end();
  }

 private:
  std::vector<base::unique_fd> fds_;
  std::vector<std::string> peers_;
};

}  // namespace

void backlog(stage& on) {
  actor deep(on, "deep");
  deep.open();
  deep.bind(any_port());
  deep.listen(on.sabotaged("shallow-both") ? course_backlog : deep_backlog);
  {
    const crowd clients(on, deep.local());
    const std::size_t in = clients.count(net::tcp_state::established);
    on.check("all-at-once", std::to_string(crowd_size), std::to_string(in));
  }
  deep.close();

  actor listener(on, "listener");
  listener.open();
  listener.bind(any_port());
  listener.listen(on.sabotaged("deep-both") ? deep_backlog : course_backlog);
  const crowd clients(on, listener.local());
  const table row = on.own_rows();
  on.tell(row);
  on.check("queue-full", std::to_string(most_taken), row.empty() ? "" : std::to_string(row.front().receive_queue));
  const std::size_t in = clients.count(net::tcp_state::established);
  on.check("only-some", std::to_string(most_taken), std::to_string(in));
  guests taken;
  taken.take(on, listener);
  // The others send their SYN again after a second (RFC 6298 2.1). All at once: they are answered, but the queue is full before
  // their ACKs come, and the kernel drops these without a word. More than were taken and than the queue holds: some are lost.
  on.wait_until([&] { return clients.count(net::tcp_state::established) > 2 * most_taken; });
  on.tell(call{"1000 × client.getsockopt(TCP_INFO)", clients.state_counts()});
  taken.take(on, listener);

  const auto is_lost = [&](const base::unique_fd& one) {
    const auto about = calls::count(one.get());
    return about && about->state == net::tcp_state::established && !taken.has(one);
  };
  const auto lost = std::count_if(clients.all().begin(), clients.all().end(), is_lost);
  on.check("waits-in-vain", lost > 0, "≥ 1", std::to_string(lost));
  const auto first = std::find_if(clients.all().begin(), clients.all().end(), is_lost);
  const bool found = first != clients.all().end();
  if (found && !on.sabotaged("mute")) {
    on.tell(call{"client.send(\"hello\")", std::to_string(calls::send(first->get(), "hello").bytes)});
  }
  const auto is_in = [&] {
    taken.take(on, listener);
    return found && taken.has(*first);
  };
  const std::string spoke = found ? calls::local_address(first->get()).to_string() : "?";
  on.check("speaking-helps", spoke, on.wait_until(is_in) ? spoke : "EAGAIN");
}

}  // namespace sampan::lab
