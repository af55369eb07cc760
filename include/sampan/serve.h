// Serving a folder over TCP: the public API of `sampan serve`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sampan/error.h"

namespace sampan {

struct serve_options {
  std::string path = ".";           ///< a folder, or one file
  std::vector<std::string> bind;    ///< IP literals; none: all IPv4 and IPv6 addresses
  std::uint16_t port = 7890;        ///< 0: any free one
  int backlog = 4096;               ///< connections that wait for accept(2), per worker and address
  std::size_t workers = 0;          ///< threads; 0: one a core
  bool hidden = false;              ///< names with a leading dot are served
  std::size_t max_connections = 0;  ///< at once; 0: the descriptor limit less 64
  std::size_t max_per_address = 1024;
  std::chrono::milliseconds request_timeout{20'000};  ///< from the connection to the end of the name
  std::chrono::milliseconds send_timeout{60'000};     ///< 64 KiB must go out within this
  std::chrono::milliseconds linger_timeout{2'000};    ///< for the client to close after the end was sent
  std::chrono::milliseconds grace{30'000};            ///< for running transfers after stop()
};

/// How a request ended.
enum class serve_outcome {
  sent,           ///< the whole file went out and the client did not reset
  no_such_file,   ///< closed without a byte
  client_left,    ///< the client reset or closed in the middle: normal for the tutorial's client
  too_slow,       ///< less than 64 KiB within send_timeout: reset
  no_name,        ///< nothing, or no whole name, came in time
  name_too_long,  ///< over 4,096 bytes: closed without a byte
  http_refused,   ///< an HTTP request: answered 501
  tls_refused,    ///< a TLS ClientHello: closed
  file_shrank,    ///< the file got shorter than it was: reset
  failed,         ///< this machine's trouble: reset, see `number`
  stopped,        ///< the server was stopped in the middle: reset
};

struct serve_record {
  std::chrono::system_clock::time_point time;  ///< when the client connected
  std::string peer;                            ///< `127.0.0.1:36850`
  std::string name;                            ///< as asked for: any bytes, unescaped
  std::uint64_t bytes = 0;                     ///< sent; for client_left: those the client's kernel acknowledged
  std::chrono::microseconds took{0};
  serve_outcome outcome = serve_outcome::sent;
  int number = 0;  ///< errno, for failed
};

/// What the server tells; called on its worker threads, possibly at once: must be thread-safe and must not block.
struct serve_events {
  std::function<void(const serve_record&)> on_request;
  /// Connections closed at once because of a cap, since the last call; at most one call a second.
  std::function<void(std::size_t count, const std::string& last_peer)> on_refused;
  /// Descriptors or memory ran out (errno); 0: over.
  std::function<void(int number)> on_trouble;
};

/// A running server. Thread: one owner.
class server {
 public:
  /// Binds, but does not accept yet. @error errc::port_in_use, bad_address, no_such_file, system
  static result<server> create(const serve_options& options, serve_events events);
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;
  ~server();

  /// The bound addresses with their real ports, `127.0.0.1:7890`.
  std::vector<std::string> addresses() const;
  /// Starts the workers and accepts.
  result<void> start();
  /// Stops accepting; running transfers go on for the grace time. `done` is called once when all workers have ended.
  void stop(std::function<void()> done);
  /// Ends at once: running transfers are reset.
  void stop_now();

 private:
  struct state;
  explicit server(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

}  // namespace sampan
