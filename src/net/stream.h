// A connected stream of bytes, whatever carries it: what the clients send and receive through.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/tcp_stream.h"

namespace sampan::net {

/// TCP as it is (plain()), or TLS over it (net/tls.h). Never blocks. Thread: one.
///
/// Bytes may wait inside the TLS library where poll(2) does not see them: receive() before waiting, always, and wait only
/// after it said would_block().
class stream {
 public:
  stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  virtual ~stream() = default;

  /// -1 after close().
  virtual int fd() const noexcept = 0;
  /// Fills `into`, which is not empty, with what there is. {0, 0} is the peer's end. With TLS that is only what its
  /// close_notify says (RFC 8446 6.1); an end without one, which anybody on the way can forge, is ECONNABORTED, and a
  /// peer that breaks the rules of TLS is EPROTO, about which why() tells.
  virtual moved receive(std::span<char> into) noexcept = 0;
  /// Takes as many of the bytes as go. After would_block() the next call must begin with the same bytes, and have as
  /// many at least: with TLS some of them may be encrypted already.
  virtual moved send(std::string_view bytes) noexcept = 0;
  /// What to poll fd() for, after would_block(), to go on with `wanted`: POLLIN for receive(), POLLOUT for send(), or
  /// both. TLS may have to send in order to receive, and the other way round.
  virtual short waits_for(short wanted) const noexcept = 0;
  /// Whether the bytes of fd() are the stream's own: only then splice(2), peek_some() and set_receive_low_water() are
  /// allowed.
  virtual bool is_plain() const noexcept = 0;
  /// What was wrong after EPROTO, in OpenSSL's words; else empty.
  virtual std::string why() const { return {}; }
  /// TLS says its end first, if that can be done without waiting. The destructor closes, too.
  virtual void close() noexcept = 0;
};

/// The socket's bytes as they are. @param socket  connected, non-blocking
std::unique_ptr<stream> plain(base::unique_fd socket);

}  // namespace sampan::net
