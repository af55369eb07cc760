#include "net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <poll.h>

#include <cerrno>

namespace sampan::net {

namespace {
constexpr std::size_t most_a_call = 256 * 1024;  // read from the socket: several times what OpenSSL buffers
}

tls_stream::tls_stream(base::unique_fd socket, ssl_handle ssl, std::shared_ptr<tls_sessions> sessions, std::string host)
    : socket_(std::move(socket)),
      ssl_(std::move(ssl)),
      sessions_(std::move(sessions)),
      host_(std::move(host)),
      to_receive_(POLLIN),
      to_send_(POLLOUT) {
  lent_.fd = socket_.get();
  SSL_set_app_data(ssl_.get(), this);
  BIO* const bio = make_bio(lent_);
  SSL_set_bio(ssl_.get(), bio, bio);  // without one every call fails
}

int tls_stream::shake_hands() noexcept {
  ERR_clear_error();
  lent_.allowance = most_a_call;
  const int returned = SSL_connect(ssl_.get());
  if (returned == 1) return 0;
  const int met = outcome(returned, to_receive_);
  return met != 0 ? met : ECONNABORTED;  // an end that is announced comes too early as well
}

moved tls_stream::receive(std::span<char> into) noexcept {
  if (!socket_) return {0, EBADF};
  lent_.allowance = most_a_call;
  std::size_t got = 0;
  while (got < into.size()) {
    ERR_clear_error();
    std::size_t more = 0;
    const int returned = SSL_read_ex(ssl_.get(), into.data() + got, into.size() - got, &more);
    if (returned != 1) {
      const int met = outcome(returned, to_receive_);
      if (got == 0) return {0, met};
      break;  // it will be met again
    }
    got += more;
  }
  return {got, 0};
}

moved tls_stream::send(std::string_view bytes) noexcept {
  if (!socket_) return {0, EBADF};
  if (bytes.empty()) return {};
  ERR_clear_error();
  lent_.allowance = most_a_call;
  std::size_t sent = 0;
  const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
  if (returned == 1) return {sent, 0};
  const int met = outcome(returned, to_send_);
  return {0, met != 0 ? met : EPIPE};
}

// The errno of a call that failed, 0 for the announced end.
int tls_stream::outcome(int returned, short& waits_for) noexcept {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: waits_for = POLLIN; return EAGAIN;
    case SSL_ERROR_WANT_WRITE: waits_for = POLLOUT; return EAGAIN;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: break;
  }
  // The last one is about the whole. There is none when a broken connection is used again.
  if (trouble_ == 0) trouble_ = ERR_peek_last_error();
  if (lent_.error != 0) return lent_.error;
  return lent_.ended ? ECONNABORTED : EPROTO;
}

short tls_stream::waits_for(short wanted) const noexcept {
  return static_cast<short>(((wanted & POLLIN) != 0 ? to_receive_ : 0) | ((wanted & POLLOUT) != 0 ? to_send_ : 0));
}

std::string tls_stream::why() const {
  const char* const words = ERR_reason_error_string(trouble_);
  return words ? words : "";
}

const char* tls_stream::certificate_trouble() const noexcept {
  if (ERR_GET_LIB(trouble_) != ERR_LIB_SSL || ERR_GET_REASON(trouble_) != SSL_R_CERTIFICATE_VERIFY_FAILED)
    return nullptr;
  return X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()));
}

void tls_stream::close() noexcept {
  if (!socket_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // refused by OpenSSL after an error; what does not go at once is not waited for
  socket_.reset();
}

int tls_stream::on_new_session(SSL* ssl, SSL_SESSION* made) noexcept {
  const auto* const self = static_cast<const tls_stream*>(SSL_get_app_data(ssl));
  self->sessions_->keep(self->host_, made);
  return 0;  // OpenSSL's own stays its own
}

}  // namespace sampan::net
