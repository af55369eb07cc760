#include "http/target.h"

#include <gtest/gtest.h>

namespace sampan::http {
namespace {

struct split_row {
  const char* method;
  const char* raw;
  target_form form;
  const char* path;
  const char* query;  // null: none
  const char* authority = "";
};

const split_row split_rows[] = {
    {"GET", "/", target_form::origin, "/", nullptr},
    {"GET", "/a/b?x=1&y", target_form::origin, "/a/b", "x=1&y"},
    {"GET", "/a?", target_form::origin, "/a", ""},
    {"GET", "/a?b?c", target_form::origin, "/a", "b?c"},
    {"GET", "/?json", target_form::origin, "/", "json"},
    {"GET", "//evil.com/dir/..", target_form::origin, "//evil.com/dir/..", nullptr},
    {"GET", "/http://h/", target_form::origin, "/http://h/", nullptr},
    {"GET", "/\xe4\xbd\xa0", target_form::origin, "/\xe4\xbd\xa0", nullptr},
    {"GET", "/a@b:c*", target_form::origin, "/a@b:c*", nullptr},
    {"OPTIONS", "/a", target_form::origin, "/a", nullptr},
    {"OPTIONS", "*", target_form::asterisk, "", nullptr},
    {"GET", "http://other:81/ten.txt", target_form::absolute, "/ten.txt", nullptr, "other:81"},
    {"GET", "http://h", target_form::absolute, "/", nullptr, "h"},
    {"GET", "http://h/", target_form::absolute, "/", nullptr, "h"},
    {"GET", "http://h?q", target_form::absolute, "/", "q", "h"},
    {"GET", "http://h?q/r", target_form::absolute, "/", "q/r", "h"},
    {"GET", "http://h//a", target_form::absolute, "//a", nullptr, "h"},
    {"GET", "HTTPS://[::1]:80/a?b", target_form::absolute, "/a", "b", "[::1]:80"},
    {"GET", "http://h/a@b", target_form::absolute, "/a@b", nullptr, "h"},
    {"POST", "http://h:/a", target_form::absolute, "/a", nullptr, "h:"},
    {"CONNECT", "h:1", target_form::authority, "", nullptr, "h:1"},
    {"CONNECT", "[::1]:443", target_form::authority, "", nullptr, "[::1]:443"},
};

TEST(RequestTarget, IsTakenApart) {
  for (const auto& each : split_rows) {
    const auto got = split_target(each.method, each.raw);
    ASSERT_TRUE(got.has_value()) << each.raw;
    EXPECT_EQ(got->form, each.form) << each.raw;
    EXPECT_EQ(got->path, each.path) << each.raw;
    EXPECT_EQ(got->has_query, each.query != nullptr) << each.raw;
    EXPECT_EQ(got->query, each.query != nullptr ? each.query : "") << each.raw;
    EXPECT_EQ(got->authority, each.authority) << each.raw;
  }
}

TEST(RequestTarget, Refused) {
  const char* const rows[][2] = {
      {"GET", ""},
      {"GET", "a"},
      {"GET", "ten.txt"},
      {"GET", "*"},
      {"OPTIONS", "**"},
      {"options", "*"},
      {"GET", "/a#b"},
      {"GET", "/a?b#c"},
      {"GET", "http://h/#"},
      {"GET", "http://"},
      {"GET", "http:///a"},
      {"GET", "http://?a"},
      {"GET", "http:/h/a"},
      {"GET", "http:h"},
      {"GET", "ftp://h/a"},
      {"GET", "file:///etc/passwd"},
      {"GET", "http://user@h/a"},
      {"GET", "http://user:pass@h/a"},
      {"GET", "http://@h/a"},
      {"GET", "http://h:1:2/a"},
      {"GET", "http://h:98777/a"},
      {"GET", "http://:80/a"},
      {"GET", "http://./a"},
      {"GET", "http://[::1/a"},
      {"GET", "http://a\\b/"},
      {"GET", "h:80"},
      {"GET", "?a"},
      {"GET", "\\a"},
      {"CONNECT", "/x"},
      {"CONNECT", "h"},
      {"CONNECT", "h:"},
      {"CONNECT", ":80"},
      {"CONNECT", "[::1]"},
      {"CONNECT", "h:98777"},
      {"CONNECT", "u@h:80"},
      {"CONNECT", "http://h:80"},
      {"CONNECT", "h:80/a"},
      {"CONNECT", "*"},
  };
  for (const auto& [method, raw] : rows) EXPECT_FALSE(split_target(method, raw).has_value()) << method << ' ' << raw;
}

struct path_row {
  std::string encoded;
  path_problem problem;
  std::string name;
};

const path_row path_rows[] = {
    {"/", path_problem::none, ""},
    {"//", path_problem::none, ""},
    {"/./", path_problem::none, ""},
    {"/.", path_problem::none, ""},
    {"/ten.txt", path_problem::none, "ten.txt"},
    {"/ten%2Etxt", path_problem::none, "ten.txt"},
    {"/%74en.txt", path_problem::none, "ten.txt"},
    {"/%e4%BD%a0", path_problem::none, "你"},
    {"/\xe4\xbd\xa0", path_problem::none, "你"},
    {"/%ff%fe.bin", path_problem::none, "\xff\xfe.bin"},
    {"/a%20b", path_problem::none, "a b"},
    {"/a%2520b", path_problem::none, "a%20b"},
    {"/a+b", path_problem::none, "a+b"},
    {"/q%3Fx=1%23frag", path_problem::none, "q?x=1#frag"},
    {"/foo%5Cbar", path_problem::none, "foo\\bar"},
    {"/foo\\bar", path_problem::none, "foo\\bar"},
    {"/foo:bar", path_problem::none, "foo:bar"},
    {"/new%0Aline", path_problem::none, "new\nline"},
    {"/dir/", path_problem::none, "dir/"},
    {"/dir//", path_problem::none, "dir/"},
    {"/dir/.", path_problem::none, "dir/"},
    {"/dir/./", path_problem::none, "dir/"},
    {"/dir/%2e", path_problem::none, "dir/"},
    {"///dir///a.txt", path_problem::none, "dir/a.txt"},
    {"//etc/passwd", path_problem::none, "etc/passwd"},
    {"/./ten.txt", path_problem::none, "ten.txt"},
    {"/dir/./a.txt", path_problem::none, "dir/a.txt"},
    {"/dir/../ten.txt", path_problem::none, "dir/../ten.txt"},
    {"/dir/..", path_problem::none, "dir/.."},
    {"/dir/../", path_problem::none, "dir/../"},
    {"/dir/.%2E/ten.txt", path_problem::none, "dir/../ten.txt"},
    {"/ten.txt/..", path_problem::none, "ten.txt/.."},
    {"/ten.txt/", path_problem::none, "ten.txt/"},
    {"/ten.txt/.", path_problem::none, "ten.txt/"},
    {"/a/b/../..", path_problem::none, "a/b/../.."},
    {"/...", path_problem::none, "..."},
    {"/..a/.b/..;", path_problem::none, "..a/.b/..;"},
    {"/..\\secret", path_problem::none, "..\\secret"},
    {"/..%5csecret", path_problem::none, "..\\secret"},
    {"/%252e%252e/secret", path_problem::none, "%2e%2e/secret"},
    {"/%c0%ae%c0%ae/secret", path_problem::none, "\xc0\xae\xc0\xae/secret"},

    {"/x%", path_problem::malformed, ""},
    {"/x%1", path_problem::malformed, ""},
    {"/x%zz", path_problem::malformed, ""},
    {"/x%1g", path_problem::malformed, ""},
    {"/%%41", path_problem::malformed, ""},
    {"/%2", path_problem::malformed, ""},
    {"/%00", path_problem::malformed, ""},
    {"/ten.txt%00.png", path_problem::malformed, ""},
    {"/..%00", path_problem::malformed, ""},
    {std::string("/a\0b", 4), path_problem::malformed, ""},
    {"/../x%", path_problem::malformed, ""},
    {"/a%2Fb%", path_problem::malformed, ""},

    {"/dir%2Fa.txt", path_problem::absent, ""},
    {"/dir%2fa.txt", path_problem::absent, ""},
    {"/%2fevil.com/%2e%2e/dir", path_problem::absent, ""},
    {"/..%2fsecret", path_problem::absent, ""},
    {"/%2e%2e%2fsecret", path_problem::absent, ""},
    {"/../a%2Fb", path_problem::absent, ""},

    {"/..", path_problem::outside, ""},
    {"/../", path_problem::outside, ""},
    {"/../secret", path_problem::outside, ""},
    {"/%2e%2e/secret", path_problem::outside, ""},
    {"/.%2e/secret", path_problem::outside, ""},
    {"/dir/../../secret", path_problem::outside, ""},
    {"/dir//../../secret", path_problem::outside, ""},
    {"/./../secret", path_problem::outside, ""},
    {"/../root/ten.txt", path_problem::outside, ""},
    {"//..", path_problem::outside, ""},
};

TEST(RequestPath, IsDecodedOnce) {
  for (const auto& each : path_rows) {
    std::string name = "left over";
    EXPECT_EQ(decode_path(each.encoded, name), each.problem) << each.encoded;
    EXPECT_EQ(name, each.name) << each.encoded;
  }
}

TEST(RequestPath, ManyStepsUpAreOutside) {
  std::string up = "/a";
  for (int i = 0; i < 1024; ++i) up += "/..";
  std::string name;
  EXPECT_EQ(decode_path(up + "/secret", name), path_problem::outside);
  std::string down;
  for (int i = 0; i < 2000; ++i) down += "/d";
  EXPECT_EQ(decode_path(down, name), path_problem::none);
  EXPECT_EQ('/' + name, down);
}

TEST(RequestPath, IsEncoded) {
  EXPECT_EQ(encode_path(""), "/");
  EXPECT_EQ(encode_path("ten.txt"), "/ten.txt");
  EXPECT_EQ(encode_path("dir/"), "/dir/");
  EXPECT_EQ(encode_path("dir/a b%20c?#.txt"), "/dir/a%20b%2520c%3F%23.txt");
  EXPECT_EQ(encode_path("你/\xff"), "/%E4%BD%A0/%FF");
  EXPECT_EQ(encode_path("dir/../a"), "/dir/../a");
}

TEST(RequestPath, NeverLeadsToAnotherHost) {
  for (const auto* name : {"/evil.com", "//evil.com", "\\evil.com", "///", "a//b"}) {
    const auto path = encode_path(name);
    EXPECT_TRUE(path.starts_with('/')) << name;
    EXPECT_EQ(path.find("//"), path.npos) << name;
    EXPECT_EQ(path.find('\\'), path.npos) << name;
  }
}

TEST(RequestPath, EveryNameComesBack) {
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    const auto name = std::string("a/x") + static_cast<char>(byte) + "y/";
    std::string back;
    EXPECT_EQ(decode_path(encode_path(name), back), path_problem::none);
    EXPECT_EQ(back, name);
  }
}

}  // namespace
}  // namespace sampan::http
