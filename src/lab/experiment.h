// The public side of this room: which experiments there are, how one is run, and what it tells, step by step.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/address.h"
#include "net/socket_table.h"
#include "sampan/error.h"

namespace sampan::lab {

/// A socket call as it was made, and what the kernel answered: `client.connect(127.0.0.1:40001)`, `ECONNREFUSED`.
struct call {
  std::string text;
  std::string answer;
};

/// The kernel's rows of the experiment's own connections: listening sockets first, then connection by connection, the server's
/// end before the client's.
using table = std::vector<net::table_row>;

/// A claim held against what was seen.
struct observation {
  const char* id;  ///< stands for the sentence that the command line shows
  std::string expected;
  std::string seen;
  bool holds;
};

/// One TCP segment that went over the wire, by the evidence of the kernel's counters, states and answers.
struct segment {
  enum class kind { syn, syn_ack, ack, data, fin, rst };
  std::string client;  ///< its name in the experiment
  bool to_server = true;
  kind what = kind::ack;
  std::size_t bytes = 0;  ///< of data

  bool operator==(const segment&) const = default;
};
using drawing = std::vector<segment>;

using step = std::variant<call, table, observation, drawing>;

/// A server of this program that runs somewhere in this process, until the last copy goes.
struct running_server {
  net::address where;  ///< 127.0.0.1 and its port
  std::function<void()>
      stop;  ///< as SIGTERM does: no new clients, those connected are served to their end; does not wait
};

/// A server that the notes can be held against.
struct server_kind {
  std::string request;
  std::string answer;
  std::function<result<running_server>()> start;
};

struct options {
  std::function<void(const step&)> on_step;
  std::string sabotage;  ///< one of the experiment's; empty: none
  std::chrono::milliseconds patience{
      5000};              ///< for what the kernel does at once, on a machine that has other things to do
  int interrupt_fd = -1;  ///< readable when the user has had enough; never read from
  server_kind listen;
  server_kind serve;
};

class stage;

struct experiment {
  const char* name;  ///< `0` … `9` are the five steps and the nine notes
  void (*run)(stage&);
  /// What can be taken from it so that at least one of its observations must fail. Each observation fails in one of them.
  std::span<const char* const> sabotages;
};

/// In the order in which they are told.
std::span<const experiment> experiments();

/// Runs one on loopback, with real sockets on free ports. All of its sockets are closed in the end. Blocks. Thread: any.
/// @return whether every observation held. @error errc::interrupted; errc::system: no socket table
result<bool> run(const experiment& which, const options& how);

}  // namespace sampan::lab
