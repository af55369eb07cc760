#include "net/loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <thread>

namespace sampan::net {
namespace {

struct probe : handler {
  std::function<void(std::uint32_t)> ready = [](auto) {};
  std::function<void()> late = [] {};
  void on_ready(std::uint32_t events) override { ready(events); }
  void on_deadline() override { late(); }
};

TEST(Loop, CallsOnReadiness) {
  loop where;
  const base::unique_fd fd(eventfd(0, EFD_NONBLOCK));
  probe one;
  one.ready = [&](std::uint32_t events) {
    if (events & EPOLLIN) where.stop();
  };
  ASSERT_EQ(where.watch(fd.get(), one), 0);
  eventfd_write(fd.get(), 1);
  where.run();
}

TEST(Loop, RunsPostedCallsOfOtherThreadsInOrder) {
  loop where;
  std::string order;
  std::thread other([&] {
    where.post([&] { order += 'a'; });
    where.post([&] { order += 'b'; });
    where.stop();
  });
  where.run();
  other.join();
  EXPECT_EQ(order, "ab");
}

TEST(Loop, ForgetsAHandlerWhoseEventIsFetchedAlready) {
  loop where;
  const base::unique_fd a(eventfd(1, EFD_NONBLOCK));
  const base::unique_fd b(eventfd(1, EFD_NONBLOCK));
  probe first;
  probe second;
  int calls = 0;
  first.ready = [&](auto) { ++calls, where.forget(second), where.stop(); };
  second.ready = [&](auto) { ++calls, where.forget(first), where.stop(); };
  ASSERT_EQ(where.watch(a.get(), first), 0);
  ASSERT_EQ(where.watch(b.get(), second), 0);
  where.run();
  EXPECT_EQ(calls, 1);
}

TEST(Loop, AgainComesInTheNextTurnAndOnce) {
  loop where;
  probe one;
  int calls = 0;
  one.ready = [&](std::uint32_t events) {
    EXPECT_EQ(events, 0U);
    if (++calls == 3) return where.stop();
    where.again(one);
    where.again(one);
  };
  where.again(one);
  where.run();
  EXPECT_EQ(calls, 3);
}

TEST(DeadlineList, ExpiresInOrderAndOnlyWhatIsArmed) {
  loop where;
  deadline_list soon(where, milliseconds(5));
  deadline_list later(where, milliseconds(20));
  std::string order;
  probe a;
  probe b;
  probe c;
  a.late = [&] { order += 'a'; };
  b.late = [&] { order += 'b', where.stop(); };
  c.late = [&] { order += 'c'; };
  later.arm(b);
  soon.arm(c);
  soon.arm(a);
  c.disarm();
  where.run();
  EXPECT_EQ(order, "ab");
  EXPECT_FALSE(a.armed());
}

TEST(DeadlineList, ArmingAnewMovesTheOneDeadline) {
  loop where;
  deadline_list soon(where, milliseconds(1));
  deadline_list later(where, milliseconds(10));
  probe one;
  int calls = 0;
  one.late = [&] { ++calls, where.stop(); };
  soon.arm(one);
  later.arm(one);
  where.run();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace sampan::net
