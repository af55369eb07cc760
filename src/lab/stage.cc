#include "lab/stage.h"

#include <algorithm>

namespace sampan::lab {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{2};  // the table announces nothing; reading it costs about 0.1 ms
constexpr milliseconds after_a_failure{
    100};  // what follows a failed claim mostly fails too, and must not take for ever

bool is_at(const net::table_row& row, const std::string& local, const std::string& remote) {
  return row.local.to_string() == local && row.remote.to_string() == remote;
}

}  // namespace

net::patience stage::limits() const {
  return net::patience::lasting(failed_ ? after_a_failure : how_.patience, how_.interrupt_fd);
}

bool stage::is_over() {
  const net::patience no_time{{}, how_.interrupt_fd};
  if (net::wait_for(-1, 0, no_time) == net::waited::interrupted) {
    fail(error::make(errc::interrupted, "run", "lab"));
  }
  return broken_.has_value();
}

void stage::tell(const step& made) {
  if (!is_over()) how_.on_step(made);
}

void stage::check(const char* id, bool holds, std::string expected, std::string seen) {
  if (is_over()) return;
  failed_ = failed_ || !holds;
  how_.on_step(observation{id, std::move(expected), std::move(seen), holds});
}

void stage::check(const char* id, const std::string& expected, const std::string& seen) {
  check(id, expected == seen, expected, seen);
}

bool stage::wait_until(const std::function<bool()>& holds) {
  const auto until = limits();
  while (!broken_ && !holds()) {
    net::wait_for(-1, 0, net::patience::lasting(between_looks, how_.interrupt_fd));
    if (is_over() || std::chrono::steady_clock::now() >= until.until) return false;
  }
  return !broken_;
}

void stage::check_states(const char* id, const std::vector<std::pair<end, const char*>>& wanted) {
  const auto list = [](std::string& all, const end& one, const std::string& state) {
    all += (all.empty() ? "" : ", ") + one.name + ' ' + state;
  };
  std::string expected;
  for (const auto& [one, state] : wanted) list(expected, one, state);
  std::string seen;
  table rows;
  wait_until([&] {
    rows = own_rows();
    seen.clear();
    for (const auto& [one, state] : wanted) list(seen, one, state_in(rows, one));
    return seen == expected;
  });
  tell(rows);
  check(id, expected, seen);
}

void stage::know(const end& one) { known_.push_back(one); }

std::string stage::client_at(const net::address& local) const {
  const std::string wanted = local.to_string();
  for (const auto& [name, where] : clients_) {
    if (where.to_string() == wanted) return name;
  }
  return {};
}

bool stage::is_accepted(const net::address& client) const {
  return std::any_of(accepted_.begin(), accepted_.end(),
                     [&](const net::address& one) { return one.to_string() == client.to_string(); });
}

// In the order in which the ends became known: the kernel's would be another one each time.
table stage::own_rows() {
  const auto all = net::read_socket_table();
  if (!all) {
    fail(all.error());
    return {};
  }
  table own;
  const auto take = [&](const std::string& local, const std::string& remote) {
    for (const net::table_row& row : *all) {
      const bool taken = std::any_of(own.begin(), own.end(), [&](const auto& o) { return is_at(o, local, remote); });
      if (is_at(row, local, remote) && !taken) own.push_back(row);
    }
  };
  for (const end& one : known_) {
    const std::string local = one.local.to_string(), remote = one.remote.to_string();
    take(local, remote);
    if (one.remote.port() != 0) take(remote, local);
  }
  const auto rank = [](const net::table_row& row) { return row.state == net::tcp_state::listening ? 0 : 1; };
  std::stable_sort(own.begin(), own.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return own;
}

std::string stage::state_in(const table& rows, const end& one) {
  const std::string local = one.local.to_string(), remote = one.remote.to_string();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return is_at(row, local, remote); });
  return found == rows.end() ? "CLOSED" : net::name_of(found->state);
}

void stage::fail(const error& why) {
  if (!broken_) broken_ = why;
}

result<bool> stage::finish() {
  if (is_over()) return *broken_;
  if (!drawn_.empty()) how_.on_step(drawn_);
  return !failed_;
}

}  // namespace sampan::lab
