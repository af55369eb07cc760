#include <algorithm>
#include <utility>

#include "net/unix_socket.h"
#include "talk/server_state.h"

namespace sampan::talk {

namespace {
// Addresses of senders can be forged: without a limit of its own each would be remembered for `idle`. Looked through for each datagram.
constexpr std::size_t most_datagram_clients = 1024;
}  // namespace

server::state::state(server_options given, voice spoken, std::function<void(const event&)> told)
    : session_home(std::move(given), std::move(spoken), std::move(told)),
      accept_retry(loop, net::acceptor::retry_after),
      every(loop, options.every) {}

server::state::~state() {
  loop.stop();
  if (thread.joinable()) thread.join();
}

void server::state::open_doors() {
  if (unix_listener) {
    acceptors.push_back(std::make_unique<net::acceptor>(
        loop, accept_retry, std::move(unix_listener),
        [this](base::unique_fd fd, const net::address&) { take(std::move(fd), options.unix_path); },
        [this](int number) { trouble(number); }));
  }
  for (net::bound_address& one : bound) {
    if (options.datagram) {
      doors.push_back(std::make_unique<net::datagram_door>(
          loop, std::move(one.sockets.front()),
          [this](net::datagram_door& door, const net::address& from, std::string_view bytes) {
            take_datagram(door, from, bytes);
          },
          [this] {
            for (session* const client : everybody()) client->on_ready(0);
          }));
      continue;
    }
    acceptors.push_back(std::make_unique<net::acceptor>(
        loop, accept_retry, std::move(one.sockets.front()),
        [this](base::unique_fd fd, const net::address& peer) { accept(std::move(fd), peer); },
        [this](int number) { trouble(number); }));
  }
}

void server::state::accept(base::unique_fd fd, const net::address& peer) {
  if (!access.admits(peer)) return turn_away(peer.to_string());
  take(std::move(fd), peer.to_string());
}

void server::state::take(base::unique_fd fd, const std::string& peer) {
  if (options.once && totals.clients != 0) return;  // one that was in the queue when the door closed
  if (is_full()) return turn_away(peer);
  const std::uint64_t number = ++totals.clients;
  begin(number, std::make_unique<session>(*this, number, net::tcp_stream(std::move(fd)), peer));
}

void server::state::begin(std::uint64_t number, std::unique_ptr<session> made) {
  session& client = *made;
  clients.emplace(number, std::move(made));
  client.begin();
  if (options.once) loop.post([this] { close_doors(); });  // not here: the acceptor is still at work
  if (!kept_piece.empty()) typed(std::exchange(kept_piece, {}));
  read_on();
}

bool server::state::is_full() const {
  const std::size_t most = options.max_clients == 0 && options.datagram ? most_datagram_clients : options.max_clients;
  return most != 0 && clients.size() >= most;
}

// Whoever may not come hears and is told nothing: a datagram costs its sender nothing either.
void server::state::take_datagram(net::datagram_door& door, const net::address& from, std::string_view bytes) {
  const auto known =
      std::find_if(clients.begin(), clients.end(), [&](const auto& c) { return c.second->is_at(door, from); });
  if (known != clients.end()) return known->second->take_datagram(bytes);
  if (!access.admits(from) || is_full() || stopping || (options.once && totals.clients != 0)) return;
  const std::uint64_t number = ++totals.clients;
  begin(number, std::make_unique<session>(*this, number, door, from));
  if (const auto made = clients.find(number); made != clients.end()) made->second->take_datagram(bytes);
}

void server::state::turn_away(const std::string& peer) {
  tell({.kind = event_kind::turned_away, .client = 0, .peer = peer, .text = {}, .cause = {}});
}

void server::state::trouble(int number) {
  event what{.kind = event_kind::accept_resumed, .client = 0, .peer = {}, .text = {}, .cause = {}};
  if (number != 0) {
    what.kind = event_kind::accept_paused;
    what.cause = error::system(number, "accept", "");
  }
  tell(what);
}

void server::state::close_doors() {
  for (const auto& one : acceptors) one->finish();
}

void server::state::begin_stop() {
  if (stopping) return;
  stopping = true;
  close_doors();
  for (session* client : everybody()) client->stop();
  if (clients.empty()) loop.stop();
}

void server::state::finished(session& client) {
  const auto found = clients.find(client.number());
  if (gone.empty()) loop.post([this] { gone.clear(); });
  gone.push_back(std::move(found->second));
  clients.erase(found);
  if (clients.empty() && (stopping || options.once)) loop.stop();
  if (!clients.empty() || !options.hold_input) read_on();  // the slow one may have been what held the others up
}

void server::state::run() {
  loop.run();
  acceptors.clear();
  typing.reset();
  stopping = true;
  while (!clients.empty()) clients.begin()->second->abort();
  if (!options.unix_path.empty()) net::remove_unix(options.unix_path);
  gone.clear();
  ended();
}

std::vector<session*> server::state::everybody() const {
  std::vector<session*> all;
  for (const auto& [number, client] : clients) all.push_back(client.get());
  return all;
}

bool server::state::anybody_talks() const {
  return std::any_of(clients.begin(), clients.end(), [](const auto& c) { return c.second->takes_text(); });
}

namespace {

// Of each text of names in the access lists.
constexpr std::chrono::seconds longest_resolving{10};

result<std::vector<net::bound_address>> listen_on(const server_options& options) {
  if (!options.unix_path.empty()) return std::vector<net::bound_address>();
  std::vector<std::string> ips = options.bind;
  if (ips.empty() && options.only == ip_family::v4) ips = {"0.0.0.0"};
  if (ips.empty() && options.only == ip_family::v6) ips = {"::"};
  auto bound = net::bind_listeners(ips, options.port, 1, options.datagram ? SOCK_DGRAM : SOCK_STREAM);
  if (!bound || options.datagram) return bound;
  for (const net::bound_address& one : *bound) {
    if (auto good = net::start_listening(one.sockets.front(), one.where, options.backlog); !good) return good.error();
  }
  return bound;
}

}  // namespace

result<server> server::create(server_options options, std::function<void(const event&)> on_event) {
  auto spoken = voice::open(options, options.encoding, options.stay ? std::string_view() : default_reply);
  if (!spoken) return spoken.error();
  net::raise_descriptor_limit();
  if (options.datagram && options.idle.count() == 0) options.idle = options.silence;  // nobody says goodbye
  net::access_list access;
  for (const auto& [list, words] : {std::pair(&access.allowed, &options.allow), {&access.denied, &options.deny}}) {
    for (const std::string& one : *words) {
      if (auto good = net::add_networks(*list, one, net::patience::lasting(longest_resolving)); !good)
        return good.error();
    }
  }
  auto bound = listen_on(options);
  if (!bound) return bound.error();
  base::unique_fd unix_listener;
  if (!options.unix_path.empty()) {
    auto made = net::listen_unix(options.unix_path, options.backlog);
    if (!made) return made.error();
    unix_listener = std::move(*made);
  }
  try {
    auto made = std::make_unique<state>(std::move(options), std::move(*spoken), std::move(on_event));
    made->access = std::move(access);
    made->unix_listener = std::move(unix_listener);
    made->bound = std::move(*bound);
    made->open_doors();
    return server(std::move(made));
  } catch (const failure& f) {
    return f.cause;
  }
}

server::server(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

std::vector<std::string> server::addresses() const {
  std::vector<std::string> list;
  if (!state_->options.unix_path.empty()) list.push_back(state_->options.unix_path);
  for (const net::bound_address& one : state_->bound) list.push_back(one.where.to_string());
  return list;
}

void server::start(std::function<void()> ended) {
  state& s = *state_;
  s.ended = std::move(ended);
  if (s.options.stay && s.options.input_fd >= 0) {
    s.typing = std::make_unique<input>(s.options.input_fd, [&s](std::string piece) {
      s.loop.post([&s, piece = std::move(piece)]() mutable {
        s.piece_asked_for = false;
        s.typed(std::move(piece));
      });
    });
    s.loop.post([&s] { s.read_on(); });
  }
  if (s.options.stay && s.options.every.count() > 0) s.loop.post([&s] { s.every.arm(s.periodic); });
  s.thread = std::thread([&s] { s.run(); });
}

void server::stop() {
  state_->loop.post([s = state_.get()] { s->begin_stop(); });
}

void server::stop_now() { state_->loop.stop(); }

void server::join() {
  if (state_->thread.joinable()) state_->thread.join();
}

server_totals server::totals() const { return state_->totals; }

}  // namespace sampan::talk
