#include "cli/get_input.h"

#include <gtest/gtest.h>

namespace sampan::cli {
namespace {

using list = std::vector<std::string>;

list urls(std::string_view text) { return parse_url_list(text, "list").value(); }

TEST(ParseUrlList, OneUrlALine) {
  EXPECT_EQ(urls(""), list{});
  EXPECT_EQ(urls("http://a/1"), list{"http://a/1"});
  EXPECT_EQ(urls("# first\nhttp://a/1\r\n\r\n\n  \t\r\nhttp://a/2#x \t\n#http://a/3\n"),
            (list{"http://a/1", "http://a/2#x"}));
}

TEST(ParseUrlList, IndentedOptionsAreNamed) {
  for (const char* const line : {"  out=x", "\tdir=y\r"}) {
    const auto read = parse_url_list(std::string("http://a/1\n\n") + line + "\n", "my list");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), errc::bad_value);
    EXPECT_EQ(read.error().subject(), "my list:3");
  }
}

TEST(ParseUrlList, LinesAreBounded) {
  const std::string longest(16 << 10, 'a');
  EXPECT_EQ(urls(longest + '\n').front(), longest);
  const auto read = parse_url_list("\n" + longest + "a\n", "list");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().subject(), "list:2");
}

TEST(ListedSha256, GoesByTheLastComponent) {
  const std::string sum(64, 'a');
  get_source source;
  source.name = "pub/x.iso";
  EXPECT_EQ(listed_sha256(sum + "  x.iso\n", source, "SUMS").value(), std::string(32, '\xaa'));
  EXPECT_EQ(listed_sha256(sum + "  y.iso\n", source, "SUMS").value(), "");
  const auto both = listed_sha256(sum + "  x.iso\n" + std::string(64, 'b') + "  x.iso\n", source, "SUMS");
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().subject(), "SUMS");
}

}  // namespace
}  // namespace sampan::cli
