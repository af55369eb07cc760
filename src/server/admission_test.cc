#include "server/admission.h"

#include <gtest/gtest.h>

namespace sampan::serving {
namespace {

net::address ip(const char* text, std::uint16_t port = 1) { return *net::address::from_ip(text, port); }

TEST(Admission, CapsEachAddressAndAll) {
  std::size_t told = 0;
  admission door(3, 2, [&](std::size_t count, const std::string&) { told += count; });
  EXPECT_TRUE(door.enter(ip("127.0.0.1", 1)));
  EXPECT_TRUE(door.enter(ip("127.0.0.1", 2)));
  EXPECT_FALSE(door.enter(ip("127.0.0.1", 3)));
  EXPECT_TRUE(door.enter(ip("::1")));
  EXPECT_FALSE(door.enter(ip("127.0.0.2")));
  EXPECT_EQ(told, 1U);  // the second refusal within the second waits
  EXPECT_FALSE(door.flush());
  door.leave(ip("127.0.0.1", 1));
  EXPECT_TRUE(door.enter(ip("127.0.0.2")));
}

}  // namespace
}  // namespace sampan::serving
