// One thread of the server: its loop, its listening sockets, its clients, and what they share.
#pragma once

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "net/listener.h"
#include "net/loop.h"
#include "net/pool.h"
#include "sampan/serve.h"
#include "server/admission.h"
#include "server/connection.h"
#include "store/local_dir.h"

namespace sampan::serving {

/// What all workers use; outlives them. Everything in it is thread-safe or constant.
struct shared_parts {
  const serve_options& options;
  const serve_events& events;
  const store::local_dir& files;
  admission& door;
  net::pool& disk;
};

/// Thread: the constructor's until start(); then its own, but for start(), stop() and stop_now().
class worker {
 public:
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
  net::deadline_list& send_deadline() noexcept { return send_; }
  net::deadline_list& linger_deadline() noexcept { return linger_; }
  /// Destroys the connection.
  void finished(connection& client);

 private:
  class timer;

  void accept(base::unique_fd fd, const net::address& peer);
  void begin_stop();
  void end_when_empty();

  const shared_parts parts_;
  net::loop loop_;
  net::deadline_list quiet_short_;
  net::deadline_list quiet_long_;
  net::deadline_list quiet_method_;
  net::deadline_list request_;
  net::deadline_list send_;
  net::deadline_list linger_;
  net::deadline_list accept_retry_;
  net::deadline_list grace_;
  net::deadline_list refusals_;
  std::unique_ptr<timer> grace_timer_;
  std::unique_ptr<timer> refusal_timer_;
  std::array<char, longest_name + 1> scratch_;  // one more, so that a name that is too long shows
  std::vector<std::unique_ptr<net::acceptor>> acceptors_;
  boost::intrusive::list<connection> clients_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sampan::serving
