// Where an experiment plays: it makes calls and claims here, and each is told. An experiment goes on after a claim that failed: later
// claims are held against what there is then.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "lab/experiment.h"
#include "net/plain_socket.h"
#include "net/wait.h"

namespace sampan::lab {

/// One end of a connection, or a listening socket, by its place in the table.
struct end {
  std::string name;
  net::address local;
  net::address remote;
};

/// Thread: one.
class stage {
 public:
  explicit stage(const options& how) : how_(how) {}

  const options& how() const noexcept { return how_; }
  bool sabotaged(std::string_view name) const noexcept { return how_.sabotage == name; }

  void tell(const step& made);
  void check(const char* id, bool holds, std::string expected, std::string seen);
  void check(const char* id, const std::string& expected, const std::string& seen);
  /// Waits until every end is in its state (ss's spelling, or CLOSED for no row), then shows the table.
  void check_states(const char* id, const std::vector<std::pair<end, const char*>>& wanted);
  /// Waits until `holds` is true or patience is over; asks again and again, since the table announces nothing.
  bool wait_until(const std::function<bool()>& holds);
  /// For what is to happen at once.
  net::patience limits() const;

  /// Ends whose rows are shown.
  void know(const end& one);
  void draw(segment one) { drawn_.push_back(std::move(one)); }
  /// The name of the client at this address; empty: unknown.
  std::string client_at(const net::address& local) const;
  /// Whether the server's end of this client's connection is one of the experiment's own sockets, which draws what it sends.
  bool is_accepted(const net::address& client) const;
  void know_accepted(const net::address& client) { accepted_.push_back(client); }
  void know_client(const std::string& name, const net::address& local) { clients_.emplace_back(name, local); }

  /// The rows of all that is known; shows nothing.
  table own_rows();
  /// ss's name of the state, CLOSED for none.
  static std::string state_in(const table& rows, const end& one);

  /// Ends the telling; the rest of the experiment runs through without waiting.
  void fail(const error& why);
  /// Shows the drawing. @return whether all claims held
  result<bool> finish();

 private:
  bool is_over();

  const options& how_;
  bool failed_ = false;
  std::optional<error> broken_;
  std::vector<end> known_;
  std::vector<std::pair<std::string, net::address>> clients_;
  std::vector<net::address> accepted_;
  drawing drawn_;
};

/// A socket of an experiment. Its calls are told, and return what is told as the answer: `0`, `ECONNREFUSED`, `5 bytes "hello"`.
/// What went over the wire is drawn.
class actor {
 public:
  actor(stage& on, std::string name) : stage_(on), self_{std::move(name), {}, {}} {}
  ~actor() = default;
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;

  std::string open(net::calls::transport how = net::calls::transport::tcp);
  /// Lets bind() take a port of which only connections in TIME-WAIT are left.
  void allow_reuse();
  std::string bind(const net::address& where);
  std::string listen(int backlog);
  std::string connect(const net::address& where);
  /// This becomes the socket that stands for the client, taken from `listener`.
  std::string accept_from(actor& listener);
  /// Does not wait for a client.
  std::string accept_now(actor& listener);
  std::string send(std::string_view text);
  std::string send_to(std::string_view text, const net::address& where);
  /// Waits for bytes or the end.
  std::string receive();
  /// Does not wait: EAGAIN where a blocking call would.
  std::string receive_now();
  /// Waits to become readable: `1`; else `0`.
  std::string poll();
  std::string poll_now();
  void close();
  /// getsockname(2), told.
  net::address ask_local();

  const end& self() const noexcept { return self_; }
  const net::address& local() const noexcept { return self_.local; }
  const net::address& remote() const noexcept { return self_.remote; }
  int fd() const noexcept { return fd_.get(); }
  /// The other end of this client's connection.
  end other(std::string name) const { return {std::move(name), self_.remote, self_.local}; }

 private:
  std::string told(const std::string& text, std::string answer);
  std::string told(const std::string& text, int number);
  std::string told_receive(const char* flags);
  void draw_received(std::size_t bytes);
  std::string told_poll(const net::patience& until);
  void draw_sent(const std::optional<net::calls::counters>& before, std::size_t bytes);
  void draw_closed(const end& was);

  stage& stage_;
  end self_;
  base::unique_fd fd_;
};

/// Loopback with a port that the kernel chooses.
net::address any_port();

}  // namespace sampan::lab
