#include "net/connect.h"

#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>

namespace sampan::net {
namespace {

patience enough() { return patience::lasting(std::chrono::seconds(30)); }

// A socket that listens on a free port of an address, or one that is bound only: connecting to that is refused.
struct listening {
  explicit listening(const char* ip, int backlog) : fd(socket_of(ip)) {
    const address any = *address::from_ip(ip, 0);
    EXPECT_EQ(bind(fd.get(), any.data(), any.size()), 0);
    EXPECT_TRUE(backlog < 0 || listen(fd.get(), backlog) == 0);
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &length);
    where = address::from_system(reinterpret_cast<sockaddr*>(&bound), length);
  }
  static base::unique_fd socket_of(const char* ip) {
    return base::unique_fd(socket(address::from_ip(ip, 0)->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  base::unique_fd fd;
  address where;
};

struct live : listening {
  explicit live(const char* ip = "127.0.0.1") : listening(ip, 4) {}
};
struct refusing : listening {
  explicit refusing(const char* ip = "127.0.0.1") : listening(ip, -1) {}
};
// Its queue is full, so that the kernel drops what comes: nobody answers.
struct dead : listening {
  explicit dead(const char* ip = "127.0.0.1") : listening(ip, 0), filler(socket_of(ip)) {
    EXPECT_EQ(::connect(filler.get(), where.data(), where.size()), 0);
  }
  base::unique_fd filler;
};

TEST(Connect, FamiliesTakeTurns) {
  const auto order = [](std::initializer_list<const char*> ips) {
    std::vector<address> list;
    for (const char* ip : ips) list.push_back(*address::from_ip(ip, 1));
    std::string text;
    for (const address& one : in_turns(list)) text += one.ip() + ' ';
    return text;
  };
  EXPECT_EQ(order({"::1"}), "::1 ");
  EXPECT_EQ(order({"::1", "::2", "::3", "1.1.1.1", "1.1.1.2"}), "::1 1.1.1.1 ::2 1.1.1.2 ::3 ");
  EXPECT_EQ(order({"1.1.1.1", "::1", "::2"}), "1.1.1.1 ::1 ::2 ");
  EXPECT_EQ(order({"1.1.1.1", "1.1.1.2"}), "1.1.1.1 1.1.1.2 ");
}

TEST(Connect, FindsTheOneThatAnswers) {
  const live good;
  const live good_v6("::1");
  const refusing refused;
  const refusing refused_v6("::1");
  const dead silent;
  const dead silent_v6("::1");
  const struct {
    std::vector<address> list;
    address found;
  } table[] = {
      {{good.where, good_v6.where}, good.where},
      {{good_v6.where, good.where}, good_v6.where},
      {{refused_v6.where, good.where}, good.where},
      {{silent_v6.where, good.where}, good.where},
      {{silent.where, good_v6.where}, good_v6.where},
      {{silent_v6.where, refused.where, good_v6.where}, good_v6.where},
      {{silent_v6.where, silent_v6.where, refused_v6.where, silent.where, refused.where, good.where}, good.where},
  };
  for (const auto& [list, found] : table) {
    const auto made = connect_to_first(list, "somebody", enough());
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(made->peer.to_string(), found.to_string());
  }
}

TEST(Connect, SaysWhyNobodyAnswered) {
  const refusing refused;
  const dead silent;
  const auto none = connect_to_first({refused.where, refused.where}, "somebody", enough());
  ASSERT_FALSE(none);
  EXPECT_TRUE(none.error().is_system(ECONNREFUSED));
  EXPECT_EQ(none.error().subject(), "somebody");

  const auto late =
      connect_to_first({silent.where, refused.where}, "somebody", patience::lasting(std::chrono::milliseconds(300)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), errc::connect_timeout);

  const base::unique_fd enough_of_it(eventfd(1, EFD_CLOEXEC));
  const auto told = connect_to_first({silent.where}, "somebody", {.interrupt_fd = enough_of_it.get()});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code(), errc::interrupted);
}

TEST(Connect, KeepsToTheFamily) {
  const live good;
  const auto v4 = connect_to({"localhost", good.where.port()}, enough(), ip_family::v4);
  ASSERT_TRUE(v4) << v4.error().message();
  EXPECT_EQ(v4->peer.ip(), "127.0.0.1");
  const auto v6 = connect_to({"127.0.0.1", good.where.port()}, enough(), ip_family::v6);
  ASSERT_FALSE(v6);
  EXPECT_EQ(v6.error().code(), errc::resolve_failed);
  EXPECT_EQ(v6.error().number(), EAI_ADDRFAMILY);
}

TEST(Connect, NoticesPeersThatAreGone) {
  const live good;
  const auto made = connect_to({"127.0.0.1", good.where.port()}, enough());
  ASSERT_TRUE(made);
  for (const auto& [level, option] : {std::pair<int, int>{SOL_SOCKET, SO_KEEPALIVE}, {IPPROTO_TCP, TCP_USER_TIMEOUT}}) {
    int value = 0;
    socklen_t length = sizeof value;
    ASSERT_EQ(getsockopt(made->fd.get(), level, option, &value, &length), 0);
    EXPECT_GT(value, 0) << option;
  }
}

TEST(Endpoint, IsWrittenAsInAUrl) {
  EXPECT_EQ((endpoint{"h", 1}).to_string(), "h:1");
  EXPECT_EQ((endpoint{"::1", 1}).to_string(), "[::1]:1");
}

}  // namespace
}  // namespace sampan::net
