#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>

#include "net/address.h"
#include "net/tls_stream.h"

namespace sampan::net {

namespace {

constexpr const char* setting_up = "set up TLS";
constexpr const char* connecting = "connect to";

// One read(2) for several records (at most 16 KiB each) where so much has come.
constexpr std::size_t read_ahead = 64 * 1024;

struct context_free {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

std::string words_of(unsigned long number) {
  const char* const words = ERR_reason_error_string(number);
  return words ? words : "";
}

error trust_failed(const std::string& ca_file) {
  const unsigned long first = ERR_peek_error();
  if (ERR_SYSTEM_ERROR(first)) return error::system(ERR_GET_REASON(first), "read", ca_file);
  return error::make(errc::bad_value, "read", ca_file, words_of(first));
}

// The host as certificates and SNI name it: without the zone of an address and the dot that may end a name (RFC 6066 3).
std::string certified_name(const std::string& host) {
  std::string name = host.substr(0, host.find('%'));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

// An empty name would turn the check off.
bool expect_peer(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
  if (name.empty()) return false;
  if (address::from_ip(name, 0)) return X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size()) == 1 &&
         SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;  // not for addresses (RFC 6066 3)
}

bool offer_protocol(SSL* ssl, const std::string& protocol) {
  if (protocol.empty()) return true;
  const std::string list = static_cast<char>(protocol.size()) + protocol;  // RFC 7301 3.1
  return SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(list.data()),
                             static_cast<unsigned>(list.size())) == 0;
}

std::string subject_of(int socket, const std::string& host) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  auto* const plain = reinterpret_cast<sockaddr*>(&peer);
  getpeername(socket, plain, &length);
  return endpoint{host, address::from_system(plain, length).port()}.to_string();
}

error handshake_error(const tls_stream& stream, int number, const std::string& subject) {
  if (const char* const why = stream.certificate_trouble()) {
    return error::make(errc::certificate_refused, connecting, subject, why);
  }
  switch (number) {
    case EPROTO:
    case ECONNABORTED: return error::make(errc::tls_failed, connecting, subject, stream.why());
    case EPIPE:
    case ECONNRESET: return error::make(errc::connection_reset, connecting, subject);
    default: return error::system(number, connecting, subject);
  }
}

result<void> complete_handshake(tls_stream& stream, const std::string& subject, const patience& until) {
  for (;;) {
    const int met = stream.shake_hands();
    if (met == 0) return {};
    if (met != EAGAIN) return handshake_error(stream, met, subject);
    // A peer that sends all the time is always ready.
    const bool late = std::chrono::steady_clock::now() >= until.until;
    switch (late ? waited::timeout : wait_for(stream.fd(), stream.waits_for(POLLIN), until)) {
      case waited::timeout: return error::make(errc::connect_timeout, connecting, subject);
      case waited::interrupted: return error::make(errc::interrupted, connecting, subject);
      case waited::ready: break;
    }
  }
}

}  // namespace

struct tls_settings::parts {
  std::unique_ptr<SSL_CTX, context_free> context;
  tls_sessions sessions;
};

result<tls_settings> tls_settings::for_clients(const std::string& ca_file) {
  ERR_clear_error();
  auto made = std::make_shared<parts>();
  made->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = made->context.get();
  if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
    return error::make(errc::tls_failed, setting_up, {}, words_of(ERR_peek_error()));
  }
  const bool trusts = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                      : SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
  if (!trusts) return trust_failed(ca_file);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, read_ahead);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, tls_stream::on_new_session);
  return tls_settings(std::move(made));
}

result<std::unique_ptr<stream>> tls_over(base::unique_fd socket, const tls_settings& settings, const std::string& host,
                                         const patience& until, const std::string& protocol) {
  const auto& parts = settings.parts_;
  const std::string subject = subject_of(socket.get(), host);
  const std::string name = certified_name(host);
  ssl_handle ssl(SSL_new(parts->context.get()));
  if (!ssl || !expect_peer(ssl.get(), name) || !offer_protocol(ssl.get(), protocol)) {
    return error::make(errc::bad_address, connecting, subject);
  }
  if (const auto session = parts->sessions.last_of(name)) SSL_set_session(ssl.get(), session.get());
  auto made = std::make_unique<tls_stream>(std::move(socket), std::move(ssl),
                                           std::shared_ptr<tls_sessions>(parts, &parts->sessions), name);
  if (auto done = complete_handshake(*made, subject, until); !done) {
    parts->sessions.forget(name);  // in case that taking it up was the trouble
    return done.error();
  }
  return made;
}

}  // namespace sampan::net
