#include "net/stream.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace sampan::net {
namespace {

TEST(Stream, PlainIsTheSocketItself) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  const auto one = plain(base::unique_fd(ends[0]));
  const auto other = plain(base::unique_fd(ends[1]));
  EXPECT_EQ(one->fd(), ends[0]);
  EXPECT_TRUE(one->is_plain());
  EXPECT_EQ(one->waits_for(POLLIN | POLLOUT), POLLIN | POLLOUT);
  char bytes[10];
  EXPECT_TRUE(one->receive(bytes).would_block());
  EXPECT_EQ(other->send("text").bytes, 4U);
  EXPECT_EQ(one->receive(bytes).bytes, 4U);
  other->close();
  EXPECT_EQ(other->fd(), -1);
  const moved end = one->receive(bytes);
  EXPECT_EQ(end.bytes, 0U);
  EXPECT_EQ(end.error, 0);
  EXPECT_EQ(one->send("x").error, EPIPE);
  EXPECT_EQ(one->why(), "");
}

}  // namespace
}  // namespace sampan::net
