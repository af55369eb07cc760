#include <algorithm>
#include <atomic>

#include "net/listener.h"
#include "sampan/serve.h"
#include "server/worker.h"

namespace sampan {

namespace {

// Descriptors kept for files being sent, the loops, the log and the libraries.
constexpr std::size_t spare_descriptors = 64;
// Threads that wait for disks: more do not make one disk faster, fewer let one slow file hold up the others.
constexpr std::size_t disk_threads = 4;
// Folders that are read at once: one of 100,000 names takes 10 MiB and a core for a moment, whoever asks for it.
constexpr std::size_t walk_threads = 2;

std::size_t connection_cap(const serve_options& options, std::size_t descriptor_limit) {
  if (options.max_connections != 0) return options.max_connections;
  if (descriptor_limit > 2 * spare_descriptors) return descriptor_limit - spare_descriptors;
  return std::max<std::size_t>(1, descriptor_limit / 2);  // a very low limit: half for sockets, half for files
}

}  // namespace

struct server::state {
  state(const serve_options& given, serve_events told, store::local_dir root, std::vector<net::bound_address> where)
      : options(given),
        events(std::move(told)),
        files(std::move(root)),
        http(given),
        bound(std::move(where)),
        door(connection_cap(given, net::raise_descriptor_limit()), given.max_per_address, events.on_refused),
        disk(disk_threads),
        walks(walk_threads) {}

  ~state() {
    for (const auto& one : workers) one->stop_now();
    for (const auto& one : workers) one->join();
  }

  serve_options options;
  serve_events events;
  store::local_dir files;
  serving::http_settings http;
  std::vector<net::bound_address> bound;
  serving::admission door;
  std::atomic<std::size_t> running = 0;
  std::function<void()> all_ended;
  // The pools and the digests go before the workers, whose loops they post to: members are destroyed in reverse order.
  std::vector<std::unique_ptr<serving::worker>> workers;
  net::pool disk;
  net::pool walks;
  serving::digests hashes;
};

result<server> server::create(const serve_options& options, serve_events events) {
  net::raise_descriptor_limit();
  auto root = store::local_dir::at(options.path, {.hidden = options.hidden, .links = options.links});
  if (!root) return root.error();
  serve_options known = options;
  if (known.workers == 0) known.workers = std::max(1U, std::thread::hardware_concurrency());
  auto bound = net::bind_listeners(known.bind, known.port, known.workers);
  if (!bound) return bound.error();
  for (const net::bound_address& one : *bound) {
    for (const base::unique_fd& socket : one.sockets) {
      if (auto good = net::start_listening(socket, one.where, known.backlog); !good) return good.error();
    }
  }
  return server(std::make_unique<state>(known, std::move(events), std::move(*root), std::move(*bound)));
}

server::server(std::unique_ptr<state> made) : state_(std::move(made)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

std::vector<std::string> server::addresses() const {
  std::vector<std::string> list;
  for (const net::bound_address& one : state_->bound) list.push_back(one.where.to_string());
  return list;
}

result<void> server::start() {
  state& s = *state_;
  const serving::shared_parts parts{s.options, s.events, s.files, s.http, s.door, s.disk, s.hashes, s.walks};
  try {
    for (std::size_t i = 0; i < s.options.workers; ++i) {
      std::vector<base::unique_fd> sockets;
      for (net::bound_address& one : s.bound) sockets.push_back(std::move(one.sockets[i]));
      s.workers.push_back(std::make_unique<serving::worker>(parts, std::move(sockets)));
    }
  } catch (const failure& f) {
    return f.cause;
  }
  s.running = s.workers.size();
  for (const auto& one : s.workers) {
    one->start([&s] {
      if (--s.running == 0 && s.all_ended) s.all_ended();
    });
  }
  return {};
}

void server::stop(std::function<void()> done) {
  state_->all_ended = std::move(done);
  for (const auto& one : state_->workers) one->stop();
}

void server::stop_now() {
  for (const auto& one : state_->workers) one->stop_now();
}

}  // namespace sampan
