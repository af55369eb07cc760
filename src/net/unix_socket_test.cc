#include "net/unix_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace sampan::net {
namespace {

class UnixSocket : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/sampan-unix-XXXXXX";
    folder_ = mkdtemp(pattern);
    path_ = folder_ + "/socket";
  }
  void TearDown() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  std::string folder_, path_;
};

TEST_F(UnixSocket, ConnectsToAListener) {
  EXPECT_TRUE(connect_unix(path_, {}).error().is_system(ENOENT));
  auto listener = listen_unix(path_, 8).value();
  const auto client = connect_unix(path_, {}).value();
  ASSERT_EQ(send(client.get(), "x", 1, 0), 1);
  const base::unique_fd taken(accept(listener.get(), nullptr, nullptr));
  char byte = 0;
  EXPECT_EQ(recv(taken.get(), &byte, 1, 0), 1);
}

TEST_F(UnixSocket, ASecondListenerIsRefusedAStaleSocketReplaced) {
  {
    const auto listener = listen_unix(path_, 8).value();
    EXPECT_EQ(listen_unix(path_, 8).error().code(), errc::port_in_use);
  }
  EXPECT_TRUE(connect_unix(path_, {}).error().is_system(ECONNREFUSED));
  EXPECT_TRUE(listen_unix(path_, 8));
}

TEST_F(UnixSocket, AnotherFileIsNotReplaced) {
  const base::unique_fd file(open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  EXPECT_EQ(listen_unix(path_, 8).error().code(), errc::port_in_use);
  EXPECT_EQ(access(path_.c_str(), F_OK), 0);
}

TEST_F(UnixSocket, NamesThatCannotBe) {
  for (const std::string& path : {std::string(), std::string(108, 'x'), std::string("a\0b", 3)}) {
    EXPECT_EQ(listen_unix(path, 8).error().code(), errc::bad_name);
    EXPECT_EQ(connect_unix(path, {}).error().code(), errc::bad_name);
  }
}

TEST_F(UnixSocket, AFullQueueIsWaitedForWithinTheLimit) {
  const auto listener = listen_unix(path_, 0).value();
  const auto first = connect_unix(path_, {}).value();
  EXPECT_EQ(connect_unix(path_, patience::lasting(std::chrono::milliseconds(80))).error().code(),
            errc::connect_timeout);
}

}  // namespace
}  // namespace sampan::net
