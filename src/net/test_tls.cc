#include "net/test_tls.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "net/connect.h"

namespace sampan::net::testing {

namespace {

void extend(X509* one, X509V3_CTX& context, int what, const std::string& value) {
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  ASSERT_NE(made, nullptr) << value;
  X509_add_ext(one, made, -1);
  X509_EXTENSION_free(made);
}

// Signed by `issuer`; by itself where there is none.
identity make(const char* common_name, const std::string& names, bool is_authority, long from, long until,
              const identity* issuer) {
  static long serial = 1;
  identity made{certificate(X509_new()), private_key(EVP_EC_gen("P-256"))};
  X509* const one = made.shown.get();
  X509_set_version(one, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(one), serial++);
  X509_gmtime_adj(X509_getm_notBefore(one), from);
  X509_gmtime_adj(X509_getm_notAfter(one), until);
  X509_set_pubkey(one, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  const identity& signer = issuer ? *issuer : made;
  X509_set_issuer_name(one, X509_get_subject_name(signer.shown.get()));
  X509V3_CTX context;
  X509V3_set_ctx(&context, signer.shown.get(), one, nullptr, nullptr, 0);
  extend(one, context, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!names.empty()) extend(one, context, NID_subject_alt_name, names);
  X509_sign(one, signer.key.get(), EVP_sha256());
  return made;
}

}  // namespace

patience enough() { return patience::lasting(std::chrono::seconds(30)); }

authority::authority(const char* name)
    : own_(make(name, "", true, -3600, 3600, nullptr)),
      memory_(memfd_create("authority", MFD_CLOEXEC)),
      file_("/proc/self/fd/" + std::to_string(memory_.get())) {
  const std::unique_ptr<BIO, freed_by<BIO_free_all>> out(BIO_new_file(file_.c_str(), "w"));
  PEM_write_bio_X509(out.get(), own_.shown.get());
}

identity authority::issue(const std::string& names, long from, long until, const char* common_name) const {
  return make(common_name, names, false, from, until, &own_);
}

identity self_signed(const std::string& names) { return make("itself", names, false, -3600, 3600, nullptr); }

server_context context_for(const identity& own, int version) {
  server_context made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_min_proto_version(made.get(), version);
  SSL_CTX_set_max_proto_version(made.get(), version);
  if (version < TLS1_2_VERSION) SSL_CTX_set_cipher_list(made.get(), "DEFAULT:@SECLEVEL=0");
  SSL_CTX_use_certificate(made.get(), own.shown.get());
  SSL_CTX_use_PrivateKey(made.get(), own.key.get());
  return made;
}

server::server(std::function<void(int)> script, int clients)
    : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  address where = *address::from_ip("127.0.0.1", 0);
  EXPECT_EQ(bind(listening_.get(), where.data(), where.size()), 0);
  EXPECT_EQ(listen(listening_.get(), 16), 0);
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&bound), &length);
  port_ = address::from_system(reinterpret_cast<sockaddr*>(&bound), length).port();
  thread_ = std::thread([fd = listening_.get(), script = std::move(script), clients] {
    sigset_t pipe;  // OpenSSL's own BIO raises it in the thread that sends
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    for (int i = 0; i < clients; ++i) {
      const base::unique_fd client(accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      const timeval limit{30, 0};
      setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      setsockopt(client.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
      script(client.get());
    }
  });
}

server::~server() {
  shutdown(listening_.get(), SHUT_RDWR);  // ends accept4(2)
  thread_.join();
}

server_ssl accepted(SSL_CTX* context, int socket) {
  server_ssl made(SSL_new(context));
  SSL_set_fd(made.get(), socket);
  ERR_clear_error();
  if (SSL_accept(made.get()) != 1) made.reset();
  return made;
}

void finish(SSL* ssl) {
  SSL_shutdown(ssl);
  drain(SSL_get_fd(ssl));
}

void drain(int socket) {
  shutdown(socket, SHUT_WR);
  swallow(socket);
}

void swallow(int socket) {
  char bytes[4096];
  while (recv(socket, bytes, sizeof bytes, 0) > 0) {
  }
}

result<std::unique_ptr<stream>> connect_as(const std::string& host, const server& to, const tls_settings& settings,
                                           const std::string& protocol, const patience& until) {
  auto connected = connect_to({"127.0.0.1", to.port()}, enough());
  if (!connected) return connected.error();
  return tls_over(std::move(connected->fd), settings, host, until, protocol);
}

everything read_all(stream& from) {
  everything all;
  char bytes[16000];
  for (;;) {
    const moved got = from.receive(bytes);
    all.bytes.append(bytes, got.bytes);
    if (got.would_block()) {
      if (wait_for(from.fd(), from.waits_for(POLLIN), enough()) == waited::ready) continue;
      all.error = ETIMEDOUT;
      return all;
    }
    all.error = got.error;
    if (got.bytes == 0) return all;
  }
}

int write_all(stream& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const moved sent = to.send(bytes);
    bytes.remove_prefix(sent.bytes);
    if (sent.would_block()) {
      if (wait_for(to.fd(), to.waits_for(POLLOUT), enough()) != waited::ready) return ETIMEDOUT;
    } else if (sent.error != 0) {
      return sent.error;
    }
  }
  return 0;
}

std::function<void(int)> relay(std::uint16_t to, std::function<bool(std::string&, std::size_t)> change,
                               std::size_t largest) {
  return [=, change = std::move(change)](int client) {
    const auto behind = connect_to({"127.0.0.1", to}, enough());
    ASSERT_TRUE(behind);
    std::string bytes(largest, '\0');
    std::size_t passed = 0;
    pollfd both[] = {{client, POLLIN, 0}, {behind->fd.get(), POLLIN, 0}};
    while (wait_for_any(both, 2, enough()) == waited::ready) {
      if (both[0].revents != 0) {
        const auto got = recv(client, bytes.data(), bytes.size(), 0);
        if (got <= 0) return;
        send(behind->fd.get(), bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
      if (both[1].revents != 0) {
        const moved got = receive_some(behind->fd.get(), bytes);
        if (got.bytes == 0) return drain(client);
        std::string portion = bytes.substr(0, got.bytes);
        const bool goes_on = change(portion, passed);
        passed += got.bytes;
        send(client, portion.data(), portion.size(), MSG_NOSIGNAL);
        if (!goes_on) return drain(client);
      }
    }
  };
}

}  // namespace sampan::net::testing
