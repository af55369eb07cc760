#include "http/link.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::http {
namespace {

// `target|relation|type` of each.
std::string read(std::string_view value) {
  std::string all;
  for (const auto& [target, relation, type] : parse_links(value)) {
    if (!all.empty()) all += ' ';
    ((((all += target) += '|') += relation) += '|') += type;
  }
  return all;
}

TEST(Link, ReadsLinks) {
  const std::pair<const char*, const char*> table[] = {
      {R"(<http://h/a.meta4>; rel=describedby; type="application/metalink4+xml")",
       "http://h/a.meta4|describedby|application/metalink4+xml"},
      {R"(<http://a/f>;rel=duplicate;pri=1, <http://b/f>; rel="duplicate"; geo=de)",
       "http://a/f|duplicate| http://b/f|duplicate|"},
      {"<a,b;c>; rel=x", "a,b;c|x|"},
      {"< /a >;REL=x;Type=y", "/a|x|y"},
      {R"(<a>; title="x, <b>; rel=y"; rel=z)", "a|z|"},
      {R"(<a>; rel="one two")", "a|one two|"},
      {"<a>; rel=first; rel=second; type=t; type=u", "a|first|t"},
      {R"(<a>; rel=""; rel=second)", "a||"},
      {"<a>", "a||"},
      {"<a>,,<b>,", "a|| b||"},
      {"<a>; rel = x ;;", "a|x|"},
      {"<a>; rel", "a||"},
      {"<a>; anchor=\"#x\"; rel=x, <b>", "b||"},
      {"nonsense, <b>", "b||"},
      {"<>; rel=x, <b>", "b||"},
      {"<a", ""},
      {"", ""},
      {" , ,", ""},
      {"<a>; rel=\"x", "a|x|"},
      {"<a>; rel=\"", "a||"},
  };
  for (const auto& [value, links] : table) EXPECT_EQ(read(value), links) << value;
}

TEST(Link, ReadsThirtyTwo) {
  std::string many;
  for (int i = 0; i < 40; ++i) many += "<a>,";
  EXPECT_EQ(parse_links(many).size(), most_links);
}

TEST(Link, ComparesEachRelation) {
  EXPECT_TRUE(has_relation({"a", "one  Two", ""}, "two"));
  EXPECT_TRUE(has_relation({"a", "one", ""}, "one"));
  EXPECT_FALSE(has_relation({"a", "one two", ""}, "one two"));
  EXPECT_FALSE(has_relation({"a", "one", ""}, "on"));
  EXPECT_FALSE(has_relation({"a", "", ""}, ""));
}

}  // namespace
}  // namespace sampan::http
