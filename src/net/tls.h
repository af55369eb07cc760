// TLS for the clients: what is trusted, and the handshake that makes a secure stream of a connected socket.
#pragma once

#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "net/stream.h"
#include "net/wait.h"
#include "sampan/error.h"

namespace sampan::net {

/// Which authorities are trusted, which versions are spoken, and the sessions that may be taken up again. Made once a
/// run: reading the authorities takes milliseconds. Copies are the same settings. Thread: any, several at once.
class tls_settings {
 public:
  /// TLS 1.2 or later (RFC 8996), without compression and renegotiation.
  /// @param ca_file  certificates in PEM of the only authorities to trust; empty: those of the system, where OpenSSL
  ///   looks for them (SSL_CERT_FILE and SSL_CERT_DIR move that).
  /// @error errc::system: the file is not readable; errc::bad_value: no certificates in it; errc::tls_failed
  static result<tls_settings> for_clients(const std::string& ca_file = {});

 private:
  friend result<std::unique_ptr<stream>> tls_over(base::unique_fd, const tls_settings&, const std::string&,
                                                  const patience&, const std::string&);
  struct parts;
  explicit tls_settings(std::shared_ptr<parts> made) noexcept : parts_(std::move(made)) {}

  std::shared_ptr<parts> parts_;
};

/// The handshake, within `until`. The certificate must be good for `host`: a name of its subjectAltName, or an address
/// there where `host` is an IP literal; the common name counts for nothing (RFC 9110 4.3.4, 4.3.5).
/// Takes up the session of the last connection to this host where the server agrees: one round trip less of TLS 1.2,
/// and no certificate to be checked.
/// @param socket  connected, non-blocking
/// @param host  as the user named it: a host name or an IP literal, no brackets
/// @param protocol  told to the server as the one we speak (ALPN, RFC 7301), such as `http/1.1`; empty: none
/// @error errc::certificate_refused, errc::tls_failed (detail: why, in OpenSSL's words); errc::connection_reset,
///   errc::system, errc::connect_timeout, errc::interrupted
result<std::unique_ptr<stream>> tls_over(base::unique_fd socket, const tls_settings& settings, const std::string& host,
                                         const patience& until, const std::string& protocol = {});

}  // namespace sampan::net
