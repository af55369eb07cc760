#include "talk/recorder.h"

#include <gtest/gtest.h>

namespace sampan::talk {
namespace {

struct setting {
  explicit setting(framing how)
      : made(how, text::decoder::open(text::encoding::gbk).value(), 2, "peer",
             [this](const record& what) { told.push_back((what.way == direction::in ? "<" : ">") + what.text); }) {}
  std::vector<std::string> told;
  recorder made;
};

using texts = std::vector<std::string>;

TEST(Recorder, ReadsShareACharacter) {
  setting s({});
  s.made.came("\xc4");
  s.made.came("\xe3\xba");
  s.made.went("\xba\xc3");
  s.made.came("\xc3");
  EXPECT_EQ(s.told, (texts{"<", "<你", ">好", "<好"}));
}

TEST(Recorder, FramesStandAlone) {
  setting s({.what = framing::by::gap, .gap = milliseconds(1)});
  EXPECT_FALSE(s.made.waits_for_gap());
  s.made.came("\xc4\xe3\xba");
  EXPECT_TRUE(s.made.waits_for_gap());
  s.made.finish();
  s.made.came("\xc3 x");
  s.made.finish();
  s.made.finish();
  EXPECT_EQ(s.told, (texts{"<你\\xba", "<\\xc3 x"}));
}

TEST(Recorder, NothingSentIsNoRecord) {
  setting s({});
  s.made.went("");
  EXPECT_TRUE(s.told.empty());
}

TEST(Recorder, AnotherEncoding) {
  setting s({});
  s.made.use(text::decoder::open(text::encoding::utf8).value());
  s.made.came("你");
  EXPECT_EQ(s.told, texts{"<你"});
}

}  // namespace
}  // namespace sampan::talk
