// Serving a folder over TCP: the public API of `sampan serve`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sampan/error.h"

namespace sampan {

/// What a file's ETag is made from.
enum class etag_kind {
  full,        ///< inode, size, mtime and ctime in ns: a rewrite of the same size in the same second changes it
  size_mtime,  ///< size and mtime in ns: copies of one folder on several machines agree
};

struct serve_options {
  std::string path = ".";           ///< a folder, or one file
  std::vector<std::string> bind;    ///< IP literals; none: all IPv4 and IPv6 addresses
  std::uint16_t port = 7890;        ///< 0: any free one
  int backlog = 4096;               ///< connections that wait for accept(2), per worker and address
  std::size_t workers = 0;          ///< threads; 0: one a core
  bool hidden = false;              ///< names with a leading dot are served
  bool links = true;                ///< symbolic links that stay inside the folder are followed
  std::size_t max_connections = 0;  ///< at once; 0: the descriptor limit less 64
  std::size_t max_per_address = 1024;
  std::chrono::milliseconds request_timeout{20'000};  ///< for a bare name or the head of an HTTP request to be complete
  std::chrono::milliseconds body_timeout{20'000};     ///< for the body of an HTTP request
  std::chrono::milliseconds idle_timeout{60'000};     ///< between two HTTP requests on one connection
  std::chrono::milliseconds send_timeout{60'000};     ///< 64 KiB must go out within this
  std::chrono::milliseconds linger_timeout{2'000};    ///< for the client to close after the end was sent
  std::chrono::milliseconds grace{30'000};            ///< for running transfers after stop()

  // HTTP only.
  bool index = true;  ///< a folder's index.html is sent instead of its listing
  etag_kind etag = etag_kind::full;
  std::chrono::milliseconds cache_ttl{0};  ///< how long a file in memory may go unchecked; 0: checked for every request
  bool cors = false;                       ///< pages of other sites may read what is served
  bool health = false;                     ///< GET /healthz is answered with 200
  /// Sent with every answer, errors included, `Name: value`, checked by check_header().
  std::vector<std::string> headers;
};

/// Whether `line` can be one of serve_options::headers. @error errc::bad_value: no `Name: value`, control bytes, or a field
/// that the server itself must decide on
result<void> check_header(std::string_view line);

/// How a request ended.
enum class serve_outcome {
  sent,           ///< the whole answer went out and the client did not reset
  no_such_file,   ///< bare: closed without a byte
  client_left,    ///< the client reset or closed in the middle: normal for the tutorial's client
  too_slow,       ///< less than 64 KiB within send_timeout: reset
  no_name,        ///< nothing, or no whole name, came in time
  name_too_long,  ///< over 4,096 bytes: closed without a byte
  tls_refused,    ///< a TLS ClientHello: closed
  file_shrank,    ///< the file got shorter than it was: reset
  file_changed,   ///< the file was written to while it was being sent: reset before the end
  failed,         ///< this machine's trouble: reset, see `number`
  stopped,        ///< the server was stopped in the middle: reset
};

/// One request. The views are good during the call only; all that came from a client is any bytes, unescaped.
struct serve_record {
  std::chrono::system_clock::time_point time;  ///< when the request began; bare: when the client connected
  std::string_view peer;                       ///< `127.0.0.1:36850`
  bool http = false;
  std::string_view name;    ///< the bare name, or the target of the HTTP request, as asked for
  std::uint64_t bytes = 0;  ///< of content sent; for client_left: those the client's kernel acknowledged
  std::chrono::microseconds took{0};
  serve_outcome outcome = serve_outcome::sent;
  int number = 0;  ///< errno, for failed

  // HTTP only.
  int status = 0;
  int minor_version = 1;
  std::string_view method;  ///< empty when the request line made no sense
  std::string_view user_agent;
  std::string_view referer;
  std::string_view problem;  ///< why a request was refused, in English; may be empty
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
