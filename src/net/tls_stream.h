// One TLS connection: the calls of OpenSSL that move bytes, and what their outcomes mean.
#pragma once

#include <openssl/ssl.h>

#include "net/socket_bio.h"
#include "net/stream.h"
#include "net/tls_sessions.h"

namespace sampan::net {

struct ssl_free {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
using ssl_handle = std::unique_ptr<SSL, ssl_free>;

class tls_stream final : public stream {
 public:
  /// @param ssl  a client's, not connected yet
  /// @param sessions  which new sessions go into, under `host`
  tls_stream(base::unique_fd socket, ssl_handle ssl, std::shared_ptr<tls_sessions> sessions, std::string host);
  ~tls_stream() override { close(); }

  /// One step. Returns 0: done; EAGAIN: wait for what waits_for(POLLIN) says; else as receive() says, or an errno of the
  /// socket.
  int shake_hands() noexcept;
  /// Why the server's certificate was not accepted, in OpenSSL's words; null when that was not the trouble.
  const char* certificate_trouble() const noexcept;

  int fd() const noexcept override { return socket_.get(); }
  moved receive(std::span<char> into) noexcept override;
  moved send(std::string_view bytes) noexcept override;
  short waits_for(short wanted) const noexcept override;
  bool is_plain() const noexcept override { return false; }
  std::string why() const override;
  void close() noexcept override;

  /// For SSL_CTX_sess_set_new_cb.
  static int on_new_session(SSL* ssl, SSL_SESSION* made) noexcept;

 private:
  int outcome(int returned, short& waits_for) noexcept;

  base::unique_fd socket_;
  lent_socket lent_;
  ssl_handle ssl_;
  std::shared_ptr<tls_sessions> sessions_;
  std::string host_;
  short to_receive_ = 0;  // what poll(2) is to be asked for
  short to_send_ = 0;
  unsigned long trouble_ = 0;  // OpenSSL's number of it
};

}  // namespace sampan::net
