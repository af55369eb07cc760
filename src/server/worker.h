// One thread of the server: its loop, its listening sockets, its clients, and what they share.
#pragma once

#include <array>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "http/request.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/pool.h"
#include "sampan/serve.h"
#include "server/admission.h"
#include "server/connection.h"
#include "server/decide.h"
#include "server/digests.h"
#include "server/file_cache.h"
#include "server/http_settings.h"
#include "server/sniff.h"
#include "store/local_dir.h"

namespace sampan::serving {

/// What all workers use; outlives them. Everything in it is thread-safe or constant.
struct shared_parts {
  const serve_options& options;
  const serve_events& events;
  const store::local_dir& files;
  const http_settings& http;
  admission& door;
  net::pool& disk;
  digests& hashes;
  net::pool& walks;  ///< reads folders; its threads are how many are read at once
};

class http_exchange;

/// Thread: the constructor's until start(); then its own, but for start(), stop() and stop_now().
class worker {
 public:
  /// What is received at once: the longest HTTP head with as much again of what follows it, or the longest bare name.
  static constexpr std::size_t scratch_size = 2 * http::limits{}.head_bytes;
  static_assert(scratch_size > longest_name);

  worker(const shared_parts& parts, std::vector<base::unique_fd> sockets);
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// @param ended  called on the worker's thread as its last act
  void start(std::function<void()> ended);
  void stop();
  void stop_now();
  /// Waits for its thread to end.
  void join();

  // For its connections.
  const shared_parts& parts() const noexcept { return parts_; }
  net::loop& loop() noexcept { return loop_; }
  std::span<char> scratch() noexcept { return scratch_; }
  /// The list for one of the quiet times of sniff.h.
  net::deadline_list& quiet(std::chrono::milliseconds length);
  net::deadline_list& request_deadline() noexcept { return request_; }
  net::deadline_list& body_deadline() noexcept { return body_; }
  net::deadline_list& idle_deadline() noexcept { return idle_; }
  net::deadline_list& send_deadline() noexcept { return send_; }
  net::deadline_list& linger_deadline() noexcept { return linger_; }
  net::deadline_list& digest_deadline() noexcept { return digest_; }
  net::deadline_list& metalink_deadline() noexcept { return metalink_; }
  bool stopping() const noexcept { return stopping_; }
  /// Empty queues for answers, used again and again.
  std::unique_ptr<outgoing> take_outgoing();
  void give_back(std::unique_ptr<outgoing> used);
  /// Destroys the connection.
  void finished(connection& client);

  // For HTTP: memory that one request uses at a time, and what it has to know.
  http::request_head& head() noexcept { return head_; }
  std::string& key() noexcept { return key_; }
  std::string& peer_text() noexcept { return peer_text_; }
  plan& made() noexcept { return plan_; }
  const http_settings& http() const noexcept { return parts_.http; }
  file_cache& files() noexcept { return files_; }
  /// Remembers a file under key().
  void remember(std::shared_ptr<served_file> file);
  /// Whether a request of so many bytes may be put off until all that came in this turn has been received, and would
  /// not be the only one.
  bool can_put_off(std::size_t bytes) const noexcept;
  void put_off(http_exchange& who, std::string_view request);
  /// The exchange goes before its request was answered.
  void drop(http_exchange& who) noexcept;
  std::uint64_t random() { return random_(); }
  /// s since 1970, by the system's clock.
  static std::int64_t unix_time() noexcept;

 private:
  class timer;

  void accept(base::unique_fd fd, const net::address& peer);
  void answer_put_off();
  void begin_stop();
  void end_when_empty();

  const shared_parts parts_;
  net::loop loop_;
  net::deadline_list quiet_short_;
  net::deadline_list quiet_long_;
  net::deadline_list quiet_method_;
  net::deadline_list request_;
  net::deadline_list body_;
  net::deadline_list idle_;
  net::deadline_list send_;
  net::deadline_list linger_;
  net::deadline_list digest_;
  net::deadline_list metalink_;
  net::deadline_list accept_retry_;
  net::deadline_list grace_;
  net::deadline_list refusals_;
  net::deadline_list sweep_;
  std::unique_ptr<timer> grace_timer_;
  std::unique_ptr<timer> refusal_timer_;
  std::unique_ptr<timer> sweep_timer_;
  std::array<char, scratch_size> scratch_;
  http::request_head head_;
  std::string key_;
  std::string peer_text_;
  plan plan_;
  file_cache files_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<outgoing>> stock_;
  struct request_put_off {
    http_exchange* who = nullptr;
    std::string request;  // its memory is used again
  };
  std::vector<request_put_off> put_off_;
  std::size_t put_off_count_ = 0;
  std::vector<std::unique_ptr<net::acceptor>> acceptors_;
  boost::intrusive::list<connection> clients_;
  connection* starting_ = nullptr;  // while it takes its first bytes
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sampan::serving
