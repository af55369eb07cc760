#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "net/listener.h"
#include "sampan/talk.h"
#include "talk/input.h"
#include "talk/session.h"
#include "text/encoder.h"

namespace sampan::talk {

namespace {
// Input is read on while some client has less than this waiting: then one that keeps up never comes near longest_backlog,
// and piped text goes out at the pace of the fastest client. The others must keep within longest_backlog of it.
constexpr std::size_t roomy_backlog = longest_backlog / 4;

std::string reply_text(const server_options& options) {
  return options.reply.value_or(options.stay ? std::string() : std::string(default_reply));
}
}  // namespace

struct server::state final : session_home {
  state(server_options given, std::string encoded_reply, std::function<void(const event&)> told,
        text::decoder from_wire, text::encoder to_wire)
      : session_home(std::move(given), std::move(encoded_reply), std::move(told)),
        decoder(std::move(from_wire)),
        encoder(std::move(to_wire)),
        accept_retry(loop, net::acceptor::retry_after) {}
  ~state() override {
    loop.stop();
    if (thread.joinable()) thread.join();
  }

  void finished(session& client) override;
  void has_room() override { read_on(); }

  void open_doors();
  void accept(base::unique_fd fd, const net::address& peer);
  void trouble(int number);
  void close_doors();
  void begin_stop();
  void run();

  void read_on();
  void typed(std::string piece);
  void broadcast(std::string_view bytes);
  void by_lines(text::encoder saved, std::string_view piece, std::string& bytes);

  text::decoder decoder;
  text::encoder encoder;
  std::vector<net::bound_address> bound;
  net::deadline_list accept_retry;
  std::vector<std::unique_ptr<net::acceptor>> acceptors;
  std::unordered_map<std::uint64_t, std::unique_ptr<session>> clients;
  std::vector<std::unique_ptr<session>> gone;  // destroyed in the next turn
  std::unique_ptr<input> typing;
  bool piece_asked_for = false;
  std::string kept_piece;  // held input that the last client did not wait for
  std::function<void()> ended;
  std::thread thread;
};

void server::state::open_doors() {
  for (net::bound_address& one : bound) {
    acceptors.push_back(std::make_unique<net::acceptor>(
        loop, accept_retry, std::move(one.sockets.front()),
        [this](base::unique_fd fd, const net::address& peer) { accept(std::move(fd), peer); },
        [this](int number) { trouble(number); }));
  }
}

void server::state::accept(base::unique_fd fd, const net::address& peer) {
  if (options.once && totals.clients != 0) return;  // one that was in the queue when the door closed
  const std::uint64_t number = ++totals.clients;
  auto made = std::make_unique<session>(*this, number, net::tcp_stream(std::move(fd)), peer, decoder.another());
  session& client = *made;
  clients.emplace(number, std::move(made));
  client.begin();
  if (options.once) loop.post([this] { close_doors(); });  // not here: the acceptor is still at work
  if (!kept_piece.empty()) typed(std::exchange(kept_piece, {}));
  read_on();
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
  std::vector<session*> all;  // a client that ends is taken out of the map
  for (const auto& [number, client] : clients) all.push_back(client.get());
  for (session* client : all) client->stop();
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
  gone.clear();
  ended();
}

void server::state::read_on() {
  if (!typing || piece_asked_for || stopping) return;
  bool anybody = false;
  bool room = false;
  for (const auto& [number, client] : clients) {
    if (!client->takes_text()) continue;
    anybody = true;
    if ((room = client->queued() < roomy_backlog)) break;
  }
  if (!room && (anybody || options.hold_input)) return;
  piece_asked_for = true;
  typing->allow();
}

void server::state::typed(std::string piece) {
  const bool anybody =
      std::any_of(clients.begin(), clients.end(), [](const auto& c) { return c.second->takes_text(); });
  if (!anybody && options.hold_input) {
    kept_piece = std::move(piece);
    return;
  }
  std::string bytes;
  const text::encoder before = encoder;
  if (!anybody) {
    encoder = encoder.another();
    tell({.kind = event_kind::nobody_here, .client = 0, .peer = {}, .text = std::move(piece), .cause = {}});
  } else if (!encoder.encode(piece, bytes)) {
    by_lines(before, piece, bytes);
  }
  broadcast(bytes);
}

// One character that does not exist in the encoding costs its line, not the whole piece.
void server::state::by_lines(text::encoder saved, std::string_view piece, std::string& bytes) {
  encoder = std::move(saved);
  while (!piece.empty()) {
    const std::string_view line = piece.substr(0, std::min(piece.find('\n'), piece.size() - 1) + 1);
    piece.remove_prefix(line.size());
    if (auto done = encoder.encode(line, bytes); !done) {
      tell({.kind = event_kind::not_sent, .client = 0, .peer = {}, .text = std::string(line), .cause = done.error()});
    }
  }
}

void server::state::broadcast(std::string_view bytes) {
  std::vector<session*> all;
  for (const auto& [number, client] : clients) all.push_back(client.get());
  if (!bytes.empty()) {
    for (session* client : all) client->send(bytes);
  }
  read_on();
}

result<server> server::create(server_options options, std::function<void(const event&)> on_event) {
  const auto which = text::find_encoding(options.encoding);
  if (!which) return which.error();
  auto reply = text::encode_text(*which, reply_text(options));
  if (!reply) return reply.error();
  auto decoder = text::decoder::open(*which);
  if (!decoder) return decoder.error();
  auto encoder = text::encoder::open(*which);
  if (!encoder) return encoder.error();
  net::raise_descriptor_limit();
  auto bound = net::bind_listeners(options.bind, options.port, 1);
  if (!bound) return bound.error();
  for (const net::bound_address& one : *bound) {
    if (auto good = net::start_listening(one.sockets.front(), one.where, options.backlog); !good) return good.error();
  }
  try {
    auto made = std::make_unique<state>(std::move(options), std::move(*reply), std::move(on_event), std::move(*decoder),
                                        std::move(*encoder));
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
  s.thread = std::thread([&s] { s.run(); });
}

void server::stop() {
  state_->loop.post([s = state_.get()] { s->begin_stop(); });
}

void server::stop_now() { state_->loop.stop(); }

server_totals server::totals() const { return state_->totals; }

}  // namespace sampan::talk
