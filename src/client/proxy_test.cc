#include "client/proxy.h"

#include <gtest/gtest.h>

namespace sampan::client {
namespace {

// `host:port user:password`, or `none`, or `error`.
std::string choose(const proxy_settings& settings, bool tls = false, std::string_view host = "h",
                   std::uint16_t port = 80) {
  const auto got = proxy_for(settings, tls, host, port);
  if (!got) return "error";
  if (!*got) return "none";
  const auto& one = **got;
  return one.host + ':' + std::to_string(one.port) + ' ' + one.user + ':' + one.password;
}

TEST(Proxy, IsThatOfTheScheme) {
  EXPECT_EQ(choose({}), "none");
  EXPECT_EQ(choose({"a:1", "b:2", "c:3", ""}), "a:1 :");
  EXPECT_EQ(choose({"a:1", "b:2", "c:3", ""}, true), "b:2 :");
  EXPECT_EQ(choose({"", "b:2", "c:3", ""}), "c:3 :");
  EXPECT_EQ(choose({"a:1", "", "c:3", ""}, true), "c:3 :");
  EXPECT_EQ(choose({"a:1", "", "", ""}, true), "none");
}

TEST(Proxy, IsReadAsAUrl) {
  const std::pair<const char*, const char*> table[] = {
      {"p", "p:80 :"},
      {"p:3128", "p:3128 :"},
      {"http://p", "p:80 :"},
      {"HTTP://p:3128/", "p:3128 :"},
      {"http://u:p%40w@p:3128/x?y#z", "p:3128 u:p@w"},
      {"u@p", "p:80 u:"},
      {"[::1]:3128", "::1:3128 :"},
      {"http://127.0.0.1:1", "127.0.0.1:1 :"},
      {"https://p:443", "error"},
      {"socks5h://p:1080", "error"},
      {"p:0", "error"},
      {"http://", "error"},
      {"://p", "error"},
  };
  for (const auto& [text, chosen] : table) EXPECT_EQ(choose({text, "", "", ""}), chosen) << text;
}

TEST(Proxy, ErrorsNameItWithoutThePassword) {
  for (const char* bad :
       {"https://u:secret@p", "socks5://u:secret@p", "http://u:secret@p:x", "u:secret@-", "http://u:secret%01@p"}) {
    const auto got = proxy_for({bad, "", "", ""}, false, "h", 80);
    ASSERT_FALSE(got) << bad;
    EXPECT_STREQ(got.error().operation(), "use the proxy");
    EXPECT_EQ(got.error().message().find("secret"), std::string::npos) << got.error().message();
  }
  EXPECT_EQ(choose({"https://p", "", "", "h"}), "none");  // what is not used is not complained about
}

struct exempt_row {
  const char *none, *host;
  bool is_exempt;
};

TEST(Proxy, NamesInNoProxyAreAskedDirectly) {
  const exempt_row table[] = {
      {"example.org", "example.org", true},
      {"example.org", "EXAMPLE.org", true},
      {"example.org", "www.example.org", true},
      {"example.org", "notexample.org", false},
      {"example.org", "example.org.evil", false},
      {"example.org", "org", false},
      {".example.org", "www.example.org", true},
      {".example.org", "example.org", true},
      {".example.org", "notexample.org", false},
      {"example.org.", "example.org", true},
      {"example.org", "example.org.", true},
      {"a.b, example.org", "example.org", true},
      {"a.b example.org", "example.org", true},
      {"a.b,,\texample.org,", "example.org", true},
      {"*", "example.org", true},
      {"a, *", "::1", true},
      {"*.example.org", "www.example.org", false},
      {"example.org:80", "example.org", true},
      {"example.org:81", "example.org", false},
      {"example.org:", "example.org", false},
      {"example.org:80x", "example.org", false},
      {"example.org/8", "example.org", false},
      {".", "example.org", false},
      {"", "example.org", false},
      {",", "example.org", false},
      {"10.0.0.1", "10.0.0.1.example", false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(choose({"p", "", "", row.none}, false, row.host) == "none", row.is_exempt)
        << row.none << " / " << row.host;
  }
}

TEST(Proxy, AddressesInNoProxyAreAskedDirectly) {
  const exempt_row table[] = {
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.2", false},
      {"0.0.1", "10.0.0.1", false},
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.1", false},
      {"10.64.0.0/10", "10.127.1.1", true},
      {"10.64.0.0/10", "10.128.1.1", false},
      {"10.0.0.1/32", "10.0.0.1", true},
      {"10.0.0.1/32", "10.0.0.0", false},
      {"0.0.0.0/0", "10.0.0.1", true},
      {"0.0.0.0/0", "::1", false},
      {"10.0.0.0/33", "10.0.0.0", false},
      {"10.0.0.0/", "10.0.0.0", false},
      {"10.0.0.0/-1", "10.0.0.0", false},
      {"10.0.0.0/8:80", "10.0.0.1", true},
      {"10.0.0.0/8:81", "10.0.0.1", false},
      {"10.0.0.1:80", "10.0.0.1", true},
      {"10.0.0.1:81", "10.0.0.1", false},
      {"::1", "::1", true},
      {"[::1]", "::1", true},
      {"[::1]:80", "::1", true},
      {"[::1]:81", "::1", false},
      {"[::1", "::1", false},
      {"[::1]x", "::1", false},
      {"0:0:0:0:0:0:0:1", "::1", true},
      {"fe80::/10", "febf::1%lo", true},
      {"fe80::/10", "fec0::1", false},
      {"[fe80::]/10", "fe80::1", true},
      {"fe80::/129", "fe80::", false},
      {"::/0", "10.0.0.1", false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(choose({"p", "", "", row.none}, false, row.host) == "none", row.is_exempt)
        << row.none << " / " << row.host;
  }
}

}  // namespace
}  // namespace sampan::client
