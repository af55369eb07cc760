#include "net/access_list.h"

#include <gtest/gtest.h>

namespace sampan::net {
namespace {

address ip(const char* text) { return address::from_ip(text, 7).value(); }

TEST(AccessList, Networks) {
  const struct {
    const char* network;
    const char* address;
    bool inside;
  } cases[] = {
      {"10.0.0.0/8", "10.255.1.2", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.1.2.3/8", "10.9.9.9", true},
      {"192.168.4.0/22", "192.168.7.255", true},
      {"192.168.4.0/22", "192.168.8.0", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"127.0.0.1/32", "127.0.0.2", false},
      {"0.0.0.0/0", "1.2.3.4", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "1.2.3.4", true},
      {"0.0.0.0/0", "::ffff:1.2.3.4", true},
      {"::ffff:1.2.3.0/120", "1.2.3.4", true},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1", "::1", true},
      {"::1", "127.0.0.1", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(network::parse(c.network).value().contains(ip(c.address)), c.inside) << c.network << ' ' << c.address;
  }
}

TEST(AccessList, WhatIsNoNetwork) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0/8", "::1/129",
                           "localhost", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(network::parse(text)) << text;
  }
}

TEST(AccessList, DeniedBeforeAllowed) {
  access_list list;
  EXPECT_TRUE(list.admits(ip("1.2.3.4")));
  list.denied = {network::parse("10.0.0.1").value()};
  EXPECT_TRUE(list.admits(ip("1.2.3.4")));
  EXPECT_FALSE(list.admits(ip("10.0.0.1")));
  list.allowed = {network::parse("10.0.0.0/8").value(), network::parse("::1").value()};
  EXPECT_FALSE(list.admits(ip("1.2.3.4")));
  EXPECT_FALSE(list.admits(ip("10.0.0.1")));
  EXPECT_TRUE(list.admits(ip("10.0.0.2")));
  EXPECT_TRUE(list.admits(ip("::1")));
}

TEST(AccessList, Words) {
  std::vector<network> list;
  EXPECT_TRUE(add_networks(list, "\n 10.0.0.0/8, ::1\n\n127.0.0.1 192.168.0.0/16\n", {}));
  EXPECT_EQ(list.size(), 4U);
  EXPECT_TRUE(add_networks(list, "localhost", {}));
  EXPECT_GT(list.size(), 4U);
  EXPECT_EQ(add_networks(list, "10.0.0.0/99", {}).error().subject(), "10.0.0.0/99");
  EXPECT_FALSE(add_networks(list, "a_b!", {}));
  EXPECT_TRUE(add_networks(list, " \n", {}));
}

}  // namespace
}  // namespace sampan::net
