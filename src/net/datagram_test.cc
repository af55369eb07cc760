#include "net/datagram.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "net/listener.h"

namespace sampan::net {
namespace {

/// A client's socket, connected to the door.
base::unique_fd client_of(const address& where) {
  base::unique_fd fd(socket(where.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(connect(fd.get(), where.data(), where.size()), 0);
  return fd;
}

std::string receive(const base::unique_fd& fd) {
  pollfd one{fd.get(), POLLIN, 0};
  if (poll(&one, 1, 5000) != 1) return "nothing came";
  std::string bytes(longest_datagram, '\0');
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(recv(fd.get(), bytes.data(), bytes.size(), 0), 0)));
  return bytes;
}

TEST(Datagram, EchoedWholeToWhoSentIt) {
  for (const char* const ip : {"127.0.0.1", "::1"}) {
    auto bound = bind_listeners({ip}, 0, 1, SOCK_DGRAM).value();
    loop here;
    int left = 4;
    datagram_door door(
        here, std::move(bound[0].sockets[0]),
        [&](datagram_door& from_here, const address& from, std::string_view bytes) {
          EXPECT_EQ(from_here.send(from, bytes).bytes, bytes.size());
          if (--left == 0) here.stop();
        },
        [] {});
    const auto one = client_of(bound[0].where);
    const auto two = client_of(bound[0].where);
    const std::string longest(longest_datagram, 'x');
    EXPECT_EQ(send(one.get(), "one", 3, 0), 3);
    EXPECT_EQ(send(two.get(), longest.data(), longest.size(), 0), std::ssize(longest));
    EXPECT_EQ(send(one.get(), "", 0, 0), 0);
    EXPECT_EQ(send(one.get(), "last", 4, 0), 4);
    here.run();
    EXPECT_EQ(receive(one), "one");
    EXPECT_EQ(receive(one), "");
    EXPECT_EQ(receive(one), "last");
    EXPECT_EQ(receive(two), longest);
  }
}

TEST(Datagram, ASecondSocketOnThePortIsRefused) {
  const auto bound = bind_listeners({"127.0.0.1"}, 0, 1, SOCK_DGRAM).value();
  EXPECT_EQ(bind_listeners({"127.0.0.1"}, bound[0].where.port(), 1, SOCK_DGRAM).error().code(), errc::port_in_use);
}

}  // namespace
}  // namespace sampan::net
