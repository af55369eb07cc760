// The text server's insides: who is there, and what is typed to them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/access_list.h"
#include "net/listener.h"
#include "talk/command.h"
#include "talk/input.h"
#include "talk/session.h"

namespace sampan::talk {

/// Thread: the loop's, but for the construction and the end.
struct server::state final : session_home {
  state(server_options given, voice spoken, std::function<void(const event&)> told);
  ~state() override;

  void finished(session& client) override;
  void has_room() override { read_on(); }
  void relay(const session& from, std::string_view bytes, std::string_view utf8) override;

  // server.cc: who comes and goes.
  void open_doors();
  void accept(base::unique_fd fd, const net::address& peer);
  void take(base::unique_fd fd, const std::string& peer);
  void take_datagram(net::datagram_door& door, const net::address& from, std::string_view bytes);
  void begin(std::uint64_t number, std::unique_ptr<session> made);
  bool is_full() const;
  void turn_away(const std::string& peer);
  void trouble(int number);
  void close_doors();
  void begin_stop();
  void run();
  std::vector<session*> everybody() const;  // a client that ends while it is sent to is taken out of the map
  bool anybody_talks() const;

  // server_typed.cc: what is typed, and what is said by itself.
  void read_on();
  void typed(std::string piece);
  void obey(const typed_command& line);
  void send_text(std::string_view utf8, bool to_all = false);
  void send_text_to(std::uint64_t number, std::string_view utf8);
  void send_hex(const typed_command& line);
  void set_encoding(const typed_command& line);
  void list();
  void say_periodic();
  void tell_about(event_kind kind, std::string text = {}, std::uint64_t count = 0, std::optional<error> cause = {});
  session* find(std::uint64_t number, const std::string& text);

  std::vector<net::bound_address> bound;
  base::unique_fd unix_listener;
  net::access_list access;
  net::deadline_list accept_retry;
  std::vector<std::unique_ptr<net::acceptor>> acceptors;
  std::vector<std::unique_ptr<net::datagram_door>> doors;
  std::unordered_map<std::uint64_t, std::unique_ptr<session>> clients;
  std::vector<std::unique_ptr<session>> gone;  // destroyed in the next turn
  std::unique_ptr<input> typing;
  bool piece_asked_for = false;
  std::string kept_piece;  // held input that the last client did not wait for
  net::deadline_list every;
  alarm periodic{[this] { say_periodic(); }};
  std::uint64_t periodic_count = 0;
  std::function<void()> ended;
  std::thread thread;
};

}  // namespace sampan::talk
