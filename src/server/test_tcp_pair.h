// Two ends of a TCP connection on loopback, for tests of what is sent.
#pragma once

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <string>

#include "base/unique_fd.h"
#include "net/tcp_stream.h"

namespace sampan::serving {

/// The server's end does not block, the client's does.
class tcp_pair {
 public:
  /// @param buffer  bytes for both buffers, so small that a send ends in the middle of anything; 0: what the kernel gives
  explicit tcp_pair(int buffer = 0) {
    const base::unique_fd listening(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    client_ = base::unique_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (buffer > 0) setsockopt(client_.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listening.get(), plain, length), 0);
    EXPECT_EQ(listen(listening.get(), 1), 0);
    EXPECT_EQ(getsockname(listening.get(), plain, &length), 0);
    EXPECT_EQ(connect(client_.get(), plain, length), 0);
    base::unique_fd taken(accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (buffer > 0) setsockopt(taken.get(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    const int on = 1;  // else the kernel may hold back small pieces of its own accord
    setsockopt(taken.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    server_ = net::tcp_stream(std::move(taken));
  }

  net::tcp_stream& server() { return server_; }
  base::unique_fd& client() { return client_; }
  /// Waits for bytes and takes at most that many.
  std::string read(std::size_t most) {
    std::string got(most, '\0');
    const ssize_t length = recv(client_.get(), got.data(), got.size(), 0);
    EXPECT_GT(length, 0);
    got.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return got;
  }
  std::string read_all(std::size_t length) {
    std::string got(length, '\0');
    EXPECT_EQ(recv(client_.get(), got.data(), length, MSG_WAITALL), static_cast<ssize_t>(length));
    return got;
  }
  /// Bytes that the kernel has taken but not sent.
  int held_back() const {
    int bytes = -1;
    EXPECT_EQ(ioctl(server_.fd(), SIOCOUTQNSD, &bytes), 0);
    return bytes;
  }

 private:
  base::unique_fd client_;
  net::tcp_stream server_;
};

}  // namespace sampan::serving
