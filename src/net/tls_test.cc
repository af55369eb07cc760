#include "net/tls.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>

#include "net/test_tls.h"

namespace sampan::net::testing {
namespace {

// Takes clients, says hello, and notes what they asked for.
struct greeter {
  explicit greeter(identity own, int clients = 1, int version = TLS1_3_VERSION)
      : own_(std::move(own)),
        context(context_for(own_, version)),
        peer([this](int socket) { greet(socket); }, clients) {
    SSL_CTX_set_alpn_select_cb(context.get(), choose_first, nullptr);
  }
  static int choose_first(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                          unsigned, void*) {
    *length = *offered;
    *chosen = offered + 1;
    return SSL_TLSEXT_ERR_OK;
  }
  void greet(int socket) {
    const server_ssl ssl = accepted(context.get(), socket);
    if (!ssl) return;
    const char* const name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
    server_name = name ? name : "";
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl.get(), &chosen, &length);
    protocol.assign(chosen, chosen + length);
    if (SSL_session_reused(ssl.get()) == 1) ++resumed;
    SSL_write(ssl.get(), "hello", 5);
    finish(ssl.get());
  }

  std::string server_name;  // to be read after the client has read the end
  std::string protocol;
  std::atomic<int> resumed = 0;

 private:
  identity own_;

 public:
  server_context context;
  server peer;
};

tls_settings trusting(const authority& trusted) { return *tls_settings::for_clients(trusted.file()); }

TEST(Tls, TakesGoodCertificates) {
  const authority trusted;
  const struct {
    const char* names;
    const char* host;
    const char* server_name;
  } table[] = {
      {"DNS:localhost", "localhost", "localhost"},
      {"DNS:localhost", "LOCALHOST", "LOCALHOST"},
      {"DNS:localhost", "localhost.", "localhost"},
      {"DNS:other.test, DNS:localhost", "localhost", "localhost"},
      {"DNS:*.example.test", "a.example.test", "a.example.test"},
      {"IP:127.0.0.1", "127.0.0.1", ""},
      {"IP:::1", "::1", ""},
  };
  for (const auto& [names, host, server_name] : table) {
    greeter asked(trusted.issue(names));
    auto made = connect_as(host, asked.peer, trusting(trusted), "http/1.1");
    ASSERT_TRUE(made) << host << ": " << made.error().message();
    EXPECT_FALSE((*made)->is_plain());
    const everything all = read_all(**made);
    EXPECT_EQ(all.bytes, "hello");
    EXPECT_EQ(all.error, 0);
    EXPECT_EQ(asked.server_name, server_name);
    EXPECT_EQ(asked.protocol, "http/1.1");
  }
}

TEST(Tls, RefusesBadCertificates) {
  const authority trusted;
  const authority stranger("a stranger");
  const authority impostor;
  struct row {
    identity own;
    const char* host;
    int why;
  };
  row table[] = {
      {trusted.issue("DNS:localhost", -7200, -3600), "localhost", X509_V_ERR_CERT_HAS_EXPIRED},
      {trusted.issue("DNS:localhost", 3600, 7200), "localhost", X509_V_ERR_CERT_NOT_YET_VALID},
      {self_signed("DNS:localhost"), "localhost", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
      {stranger.issue("DNS:localhost"), "localhost", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
      {impostor.issue("DNS:localhost"), "localhost", X509_V_ERR_CERT_SIGNATURE_FAILURE},
      {trusted.issue("DNS:other.test"), "localhost", X509_V_ERR_HOSTNAME_MISMATCH},
      {trusted.issue("DNS:a*.example.test"), "ab.example.test", X509_V_ERR_HOSTNAME_MISMATCH},
      {trusted.issue("DNS:*.example.test"), "a.b.example.test", X509_V_ERR_HOSTNAME_MISMATCH},
      {trusted.issue("IP:127.0.0.1"), "localhost", X509_V_ERR_HOSTNAME_MISMATCH},
      {trusted.issue("DNS:127.0.0.1"), "127.0.0.1", X509_V_ERR_IP_ADDRESS_MISMATCH},
      {trusted.issue("IP:127.0.0.2"), "127.0.0.1", X509_V_ERR_IP_ADDRESS_MISMATCH},
      // The common name alone, which RFC 9110 4.3.4 does not allow.
      {trusted.issue("", -3600, 3600, "localhost"), "localhost", X509_V_ERR_HOSTNAME_MISMATCH},
  };
  for (row& one : table) {
    greeter asked(std::move(one.own));
    const auto made = connect_as(one.host, asked.peer, trusting(trusted));
    ASSERT_FALSE(made) << X509_verify_cert_error_string(one.why);
    EXPECT_EQ(made.error().code(), errc::certificate_refused) << made.error().message();
    EXPECT_EQ(made.error().detail(), X509_verify_cert_error_string(one.why));
    EXPECT_EQ(made.error().subject(), std::string(one.host) + ':' + std::to_string(asked.peer.port()));
  }
}

TEST(Tls, RefusesHostsThatCannotBeChecked) {
  const authority trusted;
  const server peer(drain, 4);
  for (const std::string& host : {std::string(), std::string("."), std::string("a\0b", 3), std::string(300, 'a')}) {
    const auto made = connect_as(host, peer, trusting(trusted));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), errc::bad_address) << made.error().message();
  }
}

TEST(Tls, FailsWithPeersThatDoNotSpeakIt) {
  const authority trusted;
  const auto says = [](std::string bytes) {
    return [=](int socket) {
      send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      drain(socket);
    };
  };
  const identity old = trusted.issue("DNS:localhost");
  const server_context old_context = context_for(old, TLS1_1_VERSION);
  const std::function<void(int)> table[] = {
      says(""),
      says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
      says(std::string(100'000, '\xff')),
      says(std::string("\x16\x03\x03\xff\xff", 5) + std::string(70'000, 'x')),
      says(std::string("\x15\x03\x03\x00\x02\x01\x00", 7)),  // close_notify at once
      says(std::string("\x15\x03\x03\x00\x02\x02\x28", 7)),  // handshake_failure
      [&](int socket) { accepted(old_context.get(), socket); },
  };
  for (std::size_t i = 0; i < std::size(table); ++i) {
    const server peer(table[i]);
    const auto made = connect_as("localhost", peer, trusting(trusted));
    ASSERT_FALSE(made) << i;
    EXPECT_EQ(made.error().code(), errc::tls_failed) << i << made.error().message();
    EXPECT_TRUE(i == 4 || !made.error().detail().empty()) << i;
  }
}

TEST(Tls, FailsWhereverTheHandshakeIsCut) {
  const authority trusted;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    constexpr std::size_t all = 500;  // what the server's part of the handshake has at least
    greeter asked(trusted.issue("DNS:localhost"), 1000, version);
    for (std::size_t cut = 0; cut < all; cut += 23) {
      const server between(relay(asked.peer.port(), [cut](std::string& portion, std::size_t before) {
        if (before + portion.size() < cut) return true;
        portion.resize(cut - before);
        return false;
      }));
      const auto made = connect_as("localhost", between, trusting(trusted));
      ASSERT_FALSE(made) << cut;
      EXPECT_EQ(made.error().code(), errc::tls_failed) << made.error().message();
    }
  }
}

TEST(Tls, GivesUpInTimeAndWhenToldTo) {
  const authority trusted;
  const server silent(swallow, 2);
  const auto late =
      connect_as("localhost", silent, trusting(trusted), {}, patience::lasting(std::chrono::milliseconds(1)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), errc::connect_timeout);

  const base::unique_fd enough_of_it(eventfd(1, EFD_CLOEXEC));
  const auto told = connect_as("localhost", silent, trusting(trusted), {}, {.interrupt_fd = enough_of_it.get()});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code(), errc::interrupted);
}

TEST(Tls, TakesSessionsUpAgain) {
  const authority trusted;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    greeter asked(trusted.issue("DNS:localhost, IP:127.0.0.1"), 6, version);
    const tls_settings settings = trusting(trusted);
    for (const char* host : {"localhost", "localhost", "localhost", "127.0.0.1", "localhost"}) {
      const auto made = connect_as(host, asked.peer, settings);
      ASSERT_TRUE(made) << made.error().message();
      EXPECT_EQ(read_all(**made).bytes, "hello");  // the tickets of TLS 1.3 come before it
    }
    EXPECT_EQ(asked.resumed, 3) << version;
    // A server that cannot know the session gets a whole handshake.
    greeter other(trusted.issue("DNS:localhost"), 1, version);
    ASSERT_TRUE(connect_as("localhost", other.peer, settings));
    EXPECT_EQ(other.resumed, 0);
  }
}

TEST(Tls, SettingsAreSharedByThreads) {
  const authority trusted;
  constexpr int threads = 4;
  constexpr int times = 8;
  greeter asked(trusted.issue("DNS:localhost"), threads * times);
  const tls_settings settings = trusting(trusted);
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < threads; ++i) {
    clients.emplace_back([&] {
      for (int j = 0; j < times; ++j) {
        const auto made = connect_as("localhost", asked.peer, settings);
        if (made && read_all(**made).bytes == "hello") ++good;
      }
    });
  }
  for (std::thread& one : clients) one.join();
  EXPECT_EQ(good, threads * times);
  EXPECT_GE(asked.resumed, threads * (times - 1));
}

TEST(TlsSettings, SayWhatIsWrongWithAFile) {
  const auto missing = tls_settings::for_clients("/nonexistent/ca.pem");
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().is_system(ENOENT)) << missing.error().message();
  const auto empty = tls_settings::for_clients("/dev/null");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code(), errc::bad_value) << empty.error().message();
  EXPECT_EQ(empty.error().subject(), "/dev/null");
  EXPECT_TRUE(tls_settings::for_clients());
}

}  // namespace
}  // namespace sampan::net::testing
