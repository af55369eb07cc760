#include "net/socket_bio.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>

#include "base/unique_fd.h"

namespace sampan::net {
namespace {

class SocketBio : public ::testing::Test {
 protected:
  SocketBio() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours_ = base::unique_fd(ends[0]);
    peer_ = base::unique_fd(ends[1]);
    lent_.fd = ours_.get();
    bio_.reset(make_bio(lent_));
  }
  int read() { return BIO_read(bio_.get(), bytes_, sizeof bytes_); }

  base::unique_fd ours_;
  base::unique_fd peer_;
  lent_socket lent_;
  std::unique_ptr<BIO, decltype(&BIO_free)> bio_{nullptr, BIO_free};
  char bytes_[100];
};

TEST_F(SocketBio, ReadsNoMoreThanIsAllowed) {
  EXPECT_EQ(send_some(peer_.get(), "0123456789").bytes, 10U);
  lent_.allowance = 6;
  EXPECT_EQ(read(), 6);
  EXPECT_LT(read(), 0);
  EXPECT_TRUE(BIO_should_read(bio_.get()));
  lent_.allowance = 100;
  EXPECT_EQ(read(), 4);
  EXPECT_LT(read(), 0);
  EXPECT_TRUE(BIO_should_read(bio_.get()));
  EXPECT_EQ(lent_.error, 0);
}

TEST_F(SocketBio, TellsTheEndFromAnError) {
  lent_.allowance = 100;
  peer_.reset();
  EXPECT_LT(BIO_write(bio_.get(), "x", 1), 0);  // and no SIGPIPE
  EXPECT_FALSE(BIO_should_retry(bio_.get()));
  EXPECT_EQ(lent_.error, EPIPE);
  EXPECT_FALSE(BIO_eof(bio_.get()));
  EXPECT_EQ(read(), 0);
  EXPECT_TRUE(BIO_eof(bio_.get()));
  EXPECT_FALSE(BIO_should_retry(bio_.get()));
}

TEST_F(SocketBio, SaysWhenTheSocketIsFull) {
  const std::string much(1 << 20, 'x');
  while (BIO_write(bio_.get(), much.data(), static_cast<int>(much.size())) > 0) {
  }
  EXPECT_TRUE(BIO_should_write(bio_.get()));
  EXPECT_EQ(lent_.error, 0);
}

}  // namespace
}  // namespace sampan::net
