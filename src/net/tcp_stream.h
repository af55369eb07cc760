// One connected TCP socket: the calls that move bytes. Never blocks; EAGAIN is an answer like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/unique_fd.h"

namespace sampan::net {

/// What a call did: bytes moved, or an errno value. {0, 0} is the peer's end for receive(), the file's for send_file().
struct moved {
  std::size_t bytes = 0;
  int error = 0;
  bool would_block() const noexcept;
};

/// A connected, non-blocking socket. Thread: like an int.
class tcp_stream {
 public:
  tcp_stream() noexcept = default;
  explicit tcp_stream(base::unique_fd fd) noexcept : fd_(std::move(fd)) {}

  int fd() const noexcept { return fd_.get(); }
  moved receive(std::span<char> into) noexcept;
  /// @param more_follows  the kernel may keep the bytes back to send them with what comes next.
  moved send(std::string_view bytes, bool more_follows = false) noexcept;
  /// The kernel sends `length` bytes of the file from `offset`, which moves on.
  moved send_file(int file, std::uint64_t& offset, std::size_t length) noexcept;
  /// The peer reads an end after all that was sent; receiving goes on.
  void finish_sending() noexcept;
  /// Closes so that the peer sees a reset and never takes what it has for the whole.
  void reset() noexcept;
  void close() noexcept { fd_.reset(); }
  /// Bytes that the peer's kernel has acknowledged; also after a reset.
  std::uint64_t acknowledged() const noexcept;

 private:
  base::unique_fd fd_;
};

/// recv(2) on a socket that somebody else owns, without blocking.
moved receive_some(int socket, std::span<char> into) noexcept;
/// send(2) likewise; a peer that is gone is EPIPE, never a signal.
moved send_some(int socket, std::string_view bytes) noexcept;
/// Looks at what has come without taking it.
moved peek_some(int socket, std::span<char> into) noexcept;
/// As tcp_stream::finish_sending().
void finish_sending(int socket) noexcept;
/// Sets how many bytes make a socket readable for poll(2); the end and errors always do.
void set_receive_low_water(int socket, int bytes) noexcept;

}  // namespace sampan::net
