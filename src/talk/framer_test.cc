#include "talk/framer.h"

#include <gtest/gtest.h>

namespace sampan::talk {
namespace {

using records = std::vector<std::string>;
using by = framing::by;

records cut(framing how, const std::vector<std::string>& reads) {
  framer f(how);
  records all;
  for (const std::string& bytes : reads) f.feed(bytes, all);
  f.finish(all);
  return all;
}

TEST(Framer, ByRead) { EXPECT_EQ(cut({}, {"ab", "", "c\nd"}), (records{"ab", "c\nd"})); }

TEST(Framer, ByLine) {
  EXPECT_EQ(cut({.what = by::line}, {"ab\nc", "d\r\n\ne"}), (records{"ab\n", "cd\r\n", "\n", "e"}));
}

TEST(Framer, BySize) {
  EXPECT_EQ(cut({.what = by::size, .size = 3}, {"abcd", "efgh"}), (records{"abc", "def", "gh"}));
  EXPECT_EQ(cut({.what = by::size, .size = 1}, {"abc"}), (records{"a", "b", "c"}));
}

TEST(Framer, ByGap) {
  framer f({.what = by::gap, .gap = milliseconds(20)});
  records all;
  f.feed("ab", all);
  f.feed("c\n", all);
  EXPECT_TRUE(all.empty());
  EXPECT_TRUE(f.holding());
  f.finish(all);
  f.finish(all);
  EXPECT_EQ(all, (records{"abc\n"}));
  EXPECT_FALSE(f.holding());
}

TEST(Framer, LongRecordsAreCut) {
  const std::string endless(2 * longest_record + 5, 'x');
  for (const framing how :
       {framing{.what = by::line}, framing{.what = by::gap}, framing{.what = by::size, .size = 1U << 30}}) {
    const records all = cut(how, {endless});
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].size(), longest_record);
    EXPECT_EQ(all[2].size(), 5U);
  }
}

TEST(Framer, SplitsMakeNoDifference) {
  const std::string bytes = "one\ntwo\r\n\nthree and more\n\n\ntail";
  for (const framing how :
       {framing{.what = by::line}, framing{.what = by::gap}, framing{.what = by::size, .size = 7}}) {
    const records whole = cut(how, {bytes});
    for (std::size_t at = 0; at <= bytes.size(); ++at) {
      EXPECT_EQ(cut(how, {bytes.substr(0, at), bytes.substr(at)}), whole) << at;
    }
  }
}

}  // namespace
}  // namespace sampan::talk
