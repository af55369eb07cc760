#include "client/netrc.h"

#include <gtest/gtest.h>

namespace sampan::client {
namespace {

// `user:password`, or `none`.
std::string find(std::string_view text, std::string_view host = "h", std::string_view user = {}) {
  const auto found = find_in_netrc(text, host, user);
  return found ? found->user + ':' + found->password : "none";
}

TEST(Netrc, FindsTheMachine) {
  for (const char* good :
       {"machine h login u password p", "machine h\n\tlogin u\n\tpassword p\n", "MACHINE H LOGIN u PASSWORD p",
        "machine g login x password y machine h login u password p", "machine h password p login u",
        "machine h login u account a password p", "machine\nh\nlogin\nu\npassword\np\n",
        "machine h login u\r\npassword p\r\n", "default login x password y\nmachine h login u password p",
        "machine h login u password p machine h login x password y", "machine g\nmachine h login u password p",
        "unknown machine h login u password p", "login x password y machine h login u password p"}) {
    EXPECT_EQ(find(good), "u:p") << good;
  }
}

TEST(Netrc, KnowsQuotesAndComments) {
  EXPECT_EQ(find(R"(machine h login "a b" password "p\"q\\r\ts\nt\ru\x")"), "a b:p\"q\\r\ts\nt\rux");
  EXPECT_EQ(find(R"(machine h login "" password "#p")"), ":#p");
  EXPECT_EQ(find("# machine h login x password y\nmachine h # login x\nlogin u password p#q"), "u:p#q");
  EXPECT_EQ(find("machine h login u password a\"b"), "u:a\"b");
  EXPECT_EQ(find("machine h login u password machine"), "u:machine");
  EXPECT_EQ(find("machine machine login u password p", "machine"), "u:p");
  for (const char* open :
       {R"(machine h login u password "p)", "machine h login u password p\nmachine g login \"x\n\"", R"("\)"}) {
    EXPECT_EQ(find(open), "none") << open;
  }
}

TEST(Netrc, PassesOverMacros) {
  EXPECT_EQ(find("macdef init\nmachine h login x password y\n\nmachine h login u password p"), "u:p");
  EXPECT_EQ(find("machine g macdef init\r\nmachine h login x\r\n\r\nmachine h login u password p"), "u:p");
  EXPECT_EQ(find("macdef init machine h login x\n \nmachine h login u password p"),
            "none");  // a line of blanks is not empty
}

TEST(Netrc, LooksForTheUser) {
  const char* two = "machine h login a password 1 machine h login b password 2 default login b password 3";
  EXPECT_EQ(find(two, "h", "b"), "b:2");
  EXPECT_EQ(find(two, "h", "B"), "none");
  EXPECT_EQ(find(two, "g", "b"), "b:3");
  EXPECT_EQ(find("machine h password p", "h", "u"), "u:p");
  EXPECT_EQ(find("machine h password p"), ":p");
  EXPECT_EQ(find("machine h login u"), "u:");
}

TEST(Netrc, FindsNone) {
  for (const char* none : {"", "machine", "machine h", "machine hh login u password p", "h login u password p",
                           "login u password p", "machine h.example login u password p", "machine h account a"}) {
    EXPECT_EQ(find(none), "none") << none;
  }
}

TEST(Netrc, FallsBackToTheDefault) {
  EXPECT_EQ(find("machine g login x password y\ndefault login u password p"), "u:p");
  EXPECT_EQ(find("machine \"default\" login x password y", "g"), "none");
}

}  // namespace
}  // namespace sampan::client
