#include "client/identity.h"

#include <gtest/gtest.h>

namespace sampan::client {
namespace {

constexpr std::int64_t now = 1'700'000'000;

identity told(const std::string& fields, std::optional<std::uint64_t> total = 100) {
  http::response_parser parser;
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\n" + fields + "\n").now, http::response_parser::state::complete) << fields;
  return identity_of(parser.head(), total, now);
}

const char* const monday = "Last-Modified: Mon, 13 Nov 2023 10:00:00 GMT\n";
const char* const tuesday = "Last-Modified: Tue, 14 Nov 2023 10:00:00 GMT\n";

TEST(Identity, ReadsTheValidators) {
  const auto one = told(std::string("ETag: \"a\"\nContent-Type: Text/HTML; charset=x\n") + monday);
  EXPECT_EQ(one.etag, "\"a\"");
  EXPECT_EQ(one.media_type, "text/html");
  EXPECT_EQ(one.modified, 1'699'869'600);
  EXPECT_EQ(one.total, 100U);
  EXPECT_EQ(told("ETag: no quotes\n").etag, "");
}

struct row {
  std::string known, seen;
  sameness how;
};

TEST(Identity, Compares) {
  const std::string a = "ETag: \"a\"\n", b = "ETag: \"b\"\n", weak = "ETag: W/\"a\"\n";
  const row table[] = {
      {a, a, sameness::same},
      {a + monday, a + tuesday, sameness::same},  // the tag is the stronger one
      {a, b, sameness::other_tag},
      {a + monday, b + monday, sameness::other_tag},
      {a + monday, b + tuesday, sameness::changed},
      {a, "", sameness::unproved},
      {"", a, sameness::unproved},
      {weak, weak, sameness::unproved},
      {weak, a, sameness::unproved},
      {weak + monday, weak + tuesday, sameness::changed},
      {monday, monday, sameness::unproved},
      {monday, tuesday, sameness::changed},
      {monday, "", sameness::unproved},
      {"", "", sameness::unproved},
  };
  for (const auto& row : table) EXPECT_EQ(compare(told(row.known), told(row.seen)), row.how) << row.known << row.seen;
}

TEST(Identity, AnotherSizeIsAnotherFile) {
  EXPECT_EQ(compare(told("ETag: \"a\"\n", {}), told("ETag: \"b\"\n", 101)), sameness::changed);
  EXPECT_EQ(compare(told("ETag: \"a\"\n", 100), told("ETag: \"a\"\n", 101)), sameness::changed);
  EXPECT_EQ(compare(told("ETag: \"a\"\n", {}), told("ETag: \"a\"\n", 101)), sameness::same);
}

TEST(Identity, ATagOfSecondAndSizeProvesLittle) {
  const std::string nginx = std::string("ETag: \"6551f3a0-64\"\n") + monday;  // the second and 100 in hexadecimal
  EXPECT_FALSE(has_strong_evidence(told(nginx)));
  EXPECT_TRUE(has_strong_tag(told(nginx)));
  EXPECT_EQ(compare(told(nginx), told(nginx)), sameness::unproved);
  EXPECT_TRUE(has_strong_evidence(told("ETag: \"a\"\n")));
  EXPECT_FALSE(has_strong_evidence(told("ETag: W/\"a\"\n")));
  EXPECT_FALSE(has_strong_evidence(told(monday)));
}

TEST(Identity, HtmlWhereNoneWasIsAPage) {
  EXPECT_TRUE(is_page_instead(told("Content-Type: application/zip\n"), told("Content-Type: text/html\n")));
  EXPECT_TRUE(is_page_instead(told(""), told("Content-Type: text/html; charset=utf-8\n")));
  EXPECT_FALSE(is_page_instead(told("Content-Type: text/html\n"), told("Content-Type: text/html\n")));
  EXPECT_FALSE(is_page_instead(told("Content-Type: text/html\n"), told("")));
}

}  // namespace
}  // namespace sampan::client
