#include "net/address.h"

#include <gtest/gtest.h>
#include <netdb.h>

namespace sampan::net {
namespace {

TEST(Address, KeepsItsText) {
  EXPECT_EQ(address::from_ip("127.0.0.1", 80)->to_string(), "127.0.0.1:80");
  EXPECT_EQ(address::from_ip("::1", 80)->to_string(), "[::1]:80");
  EXPECT_EQ(address::any_v6(1).to_string(), "[::]:1");
  std::string line = "from ";
  address::from_ip("::1", 80)->append_to(line);
  EXPECT_EQ(line, "from [::1]:80");
  for (const char* bad : {"", "127.0.0", "localhost", "[::1]", "1.2.3.4.5", "fe80::1%nosuchcard"}) {
    EXPECT_FALSE(address::from_ip(bad, 80)) << bad;
  }
}

TEST(ParsePort, TakesPlainDigitsInRange) {
  EXPECT_EQ(*parse_port("1"), 1);
  EXPECT_EQ(*parse_port("65535"), 65535);
  EXPECT_EQ(*parse_port("0", 0), 0);
  for (const char* bad :
       {"", "0", "65536", "70000", "-1", "+1", " 1", "1 ", "abc", "80x", "0x50", "１２", "99999999999"}) {
    EXPECT_FALSE(parse_port(bad)) << bad;
  }
}

TEST(CheckHost, TellsNamesFromMistypedAddresses) {
  for (const char* good : {"localhost", "127.0.0.1", "::1", "a-b.example.org", "3com.com", "host_1"}) {
    EXPECT_TRUE(check_host(good)) << good;
  }
  for (const char* bad :
       {"", "127.0.0", "127.0.0.1.", "1", "a..b", ".a", "-a", "a b", "１２７.0.0.1", "例子", "300.1.1.1"}) {
    EXPECT_FALSE(check_host(bad)) << bad;
  }
}

TEST(ParseEndpoint, SplitsHostAndPort) {
  EXPECT_EQ(parse_endpoint("h:81", 80)->port, 81);
  EXPECT_EQ(parse_endpoint("h", 80)->port, 80);
  EXPECT_EQ(parse_endpoint("[::1]:81", 80)->host, "::1");
  EXPECT_EQ(parse_endpoint("::1", 80)->host, "::1");
  for (const char* bad : {"", ":80", "h:", "h:0", "h:x", "[::1", "[::1]80", "a:b:c"}) {
    EXPECT_FALSE(parse_endpoint(bad, 80)) << bad;
  }
}

TEST(Resolve, AsksNobodyForLiterals) {
  const auto found = resolve({"127.0.0.1", 5}, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->front().to_string(), "127.0.0.1:5");
}

}  // namespace
}  // namespace sampan::net
