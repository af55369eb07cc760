// The sessions of TLS that may be taken up again, one a host.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace sampan::net {

struct session_free {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using tls_session = std::unique_ptr<SSL_SESSION, session_free>;

/// Keeps and gives copies: OpenSSL writes to the session of a connection, and marks it as spoiled when that connection is
/// cut. A TLS 1.3 ticket is used for several connections, though RFC 8446 C.4 would have one each, against being followed:
/// ours go to one host within one run. Thread: any.
class tls_sessions {
 public:
  /// Replaces the host's last one.
  void keep(const std::string& host, const SSL_SESSION* made);
  /// Null where there is none.
  tls_session last_of(const std::string& host) const;
  void forget(const std::string& host);

  static constexpr std::size_t most_hosts = 64;  // with its ticket and certificates one may have 160 KiB

 private:
  mutable std::mutex mutex_;
  std::map<std::string, tls_session> of_host_;
};

}  // namespace sampan::net
