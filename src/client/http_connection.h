// One connection that speaks HTTP/1.1: requests out, heads and bodies in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "client/watch.h"
#include "http/chunked.h"
#include "http/response.h"
#include "net/stream.h"

namespace sampan::client {

/// Thread: one.
class http_connection {
 public:
  /// @param where  HOST:PORT, for errors
  http_connection(std::unique_ptr<net::stream> bytes, std::string where)
      : stream_(std::move(bytes)), where_(std::move(where)) {}

  /// Sends a request, and reads the head of its answer, passing over interim ones (RFC 9110 15.2). Nothing: the server closed the
  /// connection without a byte. @error malformed_answer, cut_short, connection_reset, tls_failed, as watch::wait()
  result<std::optional<http::response_head>> ask(std::string_view request, watch& patience);

  /// Whether any byte of the last answer came.
  bool heard() const noexcept { return heard_; }
  /// Says how the body of the answer ends.
  void expect(const http::body_framing& framing);
  /// As response::read(), response::move(), response::surplus().
  result<std::size_t> read(std::span<char> into, watch& patience);
  result<std::optional<std::size_t>> move(int file, std::uint64_t offset, std::size_t most, watch& patience);
  bool surplus();

  /// Whether the body's end came, and nothing behind it: another request may follow.
  bool at_end();
  /// Whether the server has closed it, or says something nobody asked for.
  bool is_stale();
  const std::string& where() const noexcept { return where_; }

 private:
  result<void> send(std::string_view request, watch& patience);
  result<std::size_t> receive(std::span<char> into, watch& patience);
  result<std::size_t> read_chunked(std::span<char> into, watch& patience);
  result<std::size_t> fill_pipe(std::size_t most, watch& patience);
  result<std::optional<std::size_t>> empty_pipe(int file, std::uint64_t offset, std::size_t bytes);
  void want(std::uint64_t bytes);
  bool open_pipe();
  error failed(errc code, std::string_view detail = {}) const;
  error failed(int number) const;

  std::unique_ptr<net::stream> stream_;
  std::string where_;
  std::string came_;  // received, and not yet taken
  http::body_framing framing_{http::body_end::none, 0};
  std::uint64_t left_ = 0;  // of a body whose length is told
  http::chunked_decoder chunks_;
  bool ended_ = true;
  bool heard_ = false;
  bool broken_ = false;
  bool surplus_ = false;
  bool pipe_refused_ = false;
  int low_water_ = 1;
  base::unique_fd pipe_out_, pipe_in_;
};

}  // namespace sampan::client
