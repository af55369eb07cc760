// For the tests of TLS: certificates made at run time, servers in threads, and clients of them.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "net/stream.h"
#include "net/tls.h"

namespace sampan::net::testing {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* one) const noexcept {
    Free(one);
  }
};
using certificate = std::unique_ptr<X509, freed_by<X509_free>>;
using private_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using server_context = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using server_ssl = std::unique_ptr<SSL, freed_by<SSL_free>>;

/// What no step of a test takes unless something is broken.
patience enough();

struct identity {
  certificate shown;
  private_key key;
};
/// Signs certificates, and is a file that can be trusted.
class authority {
 public:
  explicit authority(const char* name = "test authority");
  /// @param names  as in openssl.cnf, `DNS:localhost, IP:127.0.0.1`; empty: no subjectAltName
  identity issue(const std::string& names, long valid_from_s = -3600, long valid_until_s = 3600,
                 const char* common_name = "somebody") const;
  const std::string& file() const noexcept { return file_; }

 private:
  identity own_;
  base::unique_fd memory_;
  std::string file_;
};
identity self_signed(const std::string& names);

server_context context_for(const identity& own, int version = TLS1_3_VERSION);

/// Takes `clients` connections on 127.0.0.1, one after the other, on a thread; joins at the end. The script gets a socket that
/// blocks, 30 s at most, and closes when it returns.
class server {
 public:
  explicit server(std::function<void(int socket)> script, int clients = 1);
  ~server();
  std::uint16_t port() const noexcept { return port_; }

 private:
  base::unique_fd listening_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// The server's side of a handshake; null where it failed.
server_ssl accepted(SSL_CTX* context, int socket);
/// Says its end and waits for the peer's, so that no byte is lost in a reset.
void finish(SSL* ssl);
/// Reads until the peer's end, whatever it is.
void swallow(int socket);
/// Ends its own side first.
void drain(int socket);

/// To the server as `host`, whose certificate must be good for that name.
result<std::unique_ptr<stream>> connect_as(const std::string& host, const server& to, const tls_settings& settings,
                                           const std::string& protocol = {}, const patience& until = enough());

struct everything {
  std::string bytes;
  int error = 0;  ///< 0: the peer's end
};
/// Until the end or an error.
everything read_all(stream& from);
/// Returns errno, 0 when all went.
int write_all(stream& to, std::string_view bytes);

/// A script that passes bytes on between its client and another server: `change` gets each portion that goes to the client,
/// with the number of bytes before it, and returns whether to go on.
std::function<void(int)> relay(std::uint16_t to, std::function<bool(std::string& portion, std::size_t before)> change,
                               std::size_t largest = 65536);

}  // namespace sampan::net::testing
