#include "net/tls_stream.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>

#include "net/test_tls.h"

namespace sampan::net::testing {
namespace {

// One connection to a server that runs `script` after the handshake.
class TlsStream : public ::testing::Test {
 protected:
  using script = std::function<void(SSL*)>;

  std::unique_ptr<server> serving(script run, int version = TLS1_3_VERSION) {
    context_ = context_for(own_, version);
    return std::make_unique<server>([this, run = std::move(run)](int socket) {
      const server_ssl ssl = accepted(context_.get(), socket);
      if (ssl) run(ssl.get());
    });
  }
  std::unique_ptr<stream> connect(const server& to) {
    auto made = connect_as("localhost", to, settings_);
    EXPECT_TRUE(made) << made.error().message();
    return made ? std::move(*made) : nullptr;
  }

  authority trusted_;
  tls_settings settings_ = *tls_settings::for_clients(trusted_.file());
  identity own_ = trusted_.issue("DNS:localhost");
  server_context context_;
};

void write_text(SSL* to, const std::string& text) { SSL_write(to, text.data(), static_cast<int>(text.size())); }

void echo(SSL* ssl) {
  char bytes[20'000];
  int got = 0;
  while ((got = SSL_read(ssl, bytes, sizeof bytes)) > 0) SSL_write(ssl, bytes, got);
  finish(ssl);
}

std::string pattern(std::size_t size) {
  std::string made(size, '\0');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>(i * 7 + i / 251);
  return made;
}

// Sends and receives at the same time, as much as goes.
everything exchange(stream& with, std::string_view out, std::size_t wanted) {
  everything in;
  char bytes[5000];
  while (in.bytes.size() < wanted) {
    const moved sent = out.empty() ? moved{0, EAGAIN} : with.send(out);
    out.remove_prefix(sent.bytes);
    const moved got = with.receive(bytes);
    in.bytes.append(bytes, got.bytes);
    if ((got.bytes == 0 && !got.would_block()) || (sent.error != 0 && !sent.would_block())) {
      in.error = got.error != 0 ? got.error : sent.error;
      break;
    }
    const short both = static_cast<short>(POLLIN | (out.empty() ? 0 : POLLOUT));
    if (sent.would_block() && got.would_block()) wait_for(with.fd(), with.waits_for(both), enough());
  }
  return in;
}

// So that a record goes out in several pieces. Small receive buffers are left out: they would make TCP wait.
void make_send_buffer_small(int socket) {
  const int size = 4096;
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

TEST_F(TlsStream, CarriesMuchThroughSmallBuffersBothWays) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto peer = serving(
        [](SSL* ssl) {
          make_send_buffer_small(SSL_get_fd(ssl));
          echo(ssl);
        },
        version);
    const auto client = connect(*peer);
    ASSERT_TRUE(client);
    make_send_buffer_small(client->fd());
    const std::string out = pattern(1'000'000);
    const everything in = exchange(*client, out, out.size());
    EXPECT_EQ(in.error, 0);
    EXPECT_TRUE(in.bytes == out) << version;
    client->close();
    EXPECT_EQ(client->fd(), -1);
    EXPECT_EQ(client->send("x").error, EBADF);
  }
}

TEST_F(TlsStream, ReceivesWhatComesByteByByte) {
  const std::string text = pattern(3000);
  const auto peer = serving([&](SSL* ssl) {
    write_text(ssl, text);
    finish(ssl);
  });
  const server between(relay(
      peer->port(), [](std::string&, std::size_t) { return true; }, 1));
  const auto client = connect(between);
  ASSERT_TRUE(client);
  const everything in = read_all(*client);
  EXPECT_EQ(in.error, 0);
  EXPECT_TRUE(in.bytes == text);
}

TEST_F(TlsStream, GivesWhatIsBufferedWithoutThatPollSeesIt) {
  const auto peer = serving([&](SSL* ssl) {
    write_text(ssl, pattern(16'000));
    char end = 0;
    SSL_read(ssl, &end, 1);
  });
  const auto client = connect(*peer);
  ASSERT_TRUE(client);
  std::string got;
  while (got.size() < 16'000) {  // small portions: all but the first come out of OpenSSL's buffer
    char few[100];
    const moved step = client->receive(few);
    got.append(few, step.bytes);
    if (step.would_block()) {
      ASSERT_EQ(wait_for(client->fd(), client->waits_for(POLLIN), enough()), waited::ready);
    } else {
      ASSERT_EQ(step.error, 0);
    }
  }
  EXPECT_TRUE(got == pattern(16'000));
  EXPECT_EQ(client->waits_for(POLLOUT), POLLOUT);
  EXPECT_EQ(client->waits_for(POLLIN | POLLOUT), POLLIN | POLLOUT);
}

TEST_F(TlsStream, AnEndWithoutCloseNotifyIsACut) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto peer = serving(
        [](SSL* ssl) {
          write_text(ssl, "half");
          drain(SSL_get_fd(ssl));
        },
        version);
    const auto client = connect(*peer);
    ASSERT_TRUE(client);
    const everything in = read_all(*client);
    EXPECT_EQ(in.bytes, "half");
    EXPECT_EQ(in.error, ECONNABORTED);
    char again[10];
    EXPECT_EQ(client->receive(again).error, ECONNABORTED);
  }
}

TEST_F(TlsStream, AResetIsTold) {
  const auto peer = serving([](SSL* ssl) {
    const linger at_once{1, 0};
    setsockopt(SSL_get_fd(ssl), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  });
  const auto client = connect(*peer);
  ASSERT_TRUE(client);
  EXPECT_EQ(read_all(*client).error, ECONNRESET);
}

TEST_F(TlsStream, AChangedByteIsNeverGivenOut) {
  const std::string text = pattern(20'000);
  const auto peer = serving([&](SSL* ssl) {
    write_text(ssl, text);
    finish(ssl);
  });
  const server between(relay(peer->port(), [](std::string& portion, std::size_t before) {
    constexpr std::size_t at = 15'000;  // in the first of the two records
    if (before <= at && at < before + portion.size()) portion[at - before] ^= 1;
    return true;
  }));
  const auto client = connect(between);
  ASSERT_TRUE(client);
  const everything in = read_all(*client);
  EXPECT_EQ(in.bytes, "");
  EXPECT_EQ(in.error, EPROTO);
  EXPECT_NE(client->why(), "");
  EXPECT_EQ(client->send("x").error, EPROTO);
}

TEST_F(TlsStream, FollowsKeyUpdates) {
  const auto peer = serving([](SSL* ssl) {
    for (const char* word : {"a", "b", "c"}) {
      SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
      write_text(ssl, word);
    }
    char answer[2];
    if (SSL_read(ssl, answer, 2) == 2) write_text(ssl, std::string(answer, 2));
    finish(ssl);
  });
  const auto client = connect(*peer);
  ASSERT_TRUE(client);
  EXPECT_EQ(exchange(*client, "", 3).bytes, "abc");
  EXPECT_EQ(write_all(*client, "OK"), 0);
  const everything in = read_all(*client);
  EXPECT_EQ(in.bytes, "OK");
  EXPECT_EQ(in.error, 0);
}

TEST_F(TlsStream, DoesNotRenegotiate) {
  static std::atomic<int> handshakes;
  handshakes = 0;
  const auto peer = serving(
      [](SSL* ssl) {
        SSL_set_info_callback(ssl, [](const SSL*, int where, int) { handshakes += where == SSL_CB_HANDSHAKE_DONE; });
        SSL_renegotiate(ssl);
        SSL_do_handshake(ssl);  // asks for it
        char answer[1];
        SSL_read(ssl, answer, 1);
        finish(ssl);
      },
      TLS1_2_VERSION);
  const auto client = connect(*peer);
  ASSERT_TRUE(client);
  ASSERT_EQ(wait_for(client->fd(), POLLIN, enough()), waited::ready);
  char nothing[1];
  client->receive(nothing);  // answers
  write_all(*client, "x");
  read_all(*client);
  EXPECT_EQ(handshakes, 1);  // asking for one counts as one
}

TEST_F(TlsStream, APeerThatIsGoneIsAnErrorAndNoSignal) {
  const auto peer = serving([](SSL*) {});
  const auto client = connect(*peer);
  ASSERT_TRUE(client);
  int error = 0;
  while (error == 0) error = write_all(*client, "into the void");
  EXPECT_TRUE(error == EPIPE || error == ECONNRESET) << error;
  EXPECT_NE(client->send("more").error, 0);
  client->close();
}

TEST_F(TlsStream, SaysItsEnd) {
  int met = 0;
  auto peer = serving([&](SSL* ssl) {
    char bytes[10];
    met = SSL_get_error(ssl, SSL_read(ssl, bytes, sizeof bytes));
    write_text(ssl, "x");
  });
  auto client = connect(*peer);
  ASSERT_TRUE(client);
  client.reset();
  peer.reset();  // joins
  EXPECT_EQ(met, SSL_ERROR_ZERO_RETURN);
}

}  // namespace
}  // namespace sampan::net::testing
