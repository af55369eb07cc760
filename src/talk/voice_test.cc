#include "talk/voice.h"

#include <gtest/gtest.h>

namespace sampan::talk {
namespace {

voice speaking(const char* encoding) { return voice::open({}, encoding).value(); }

TEST(Voice, WhatIsRatherUtf8) {
  const struct {
    const char* encoding;
    const char* bytes;
    bool mistaken;
  } cases[] = {
      {"gbk", "你好\n", true},
      {"gbk", "plain", false},
      {"gbk", "你", false},  // one character may be chance
      {"gbk", "ñé", true},
      {"gbk", "\xc4\xe3\xba\xc3", false},
      {"gbk", "你好\xc4\xe3", false},
      {"utf-8", "你好", false},
      {"utf-16le", "你好", false},
      {"koi8-r", "你好", true},
  };
  for (const auto& c : cases)
    EXPECT_EQ(speaking(c.encoding).mistakes_utf8(c.bytes), c.mistaken) << c.encoding << c.bytes;
}

TEST(Voice, RepliesOtherwise) {
  dialogue_form form;
  EXPECT_TRUE(voice::open(form, "gbk")->rules.empty());
  EXPECT_FALSE(voice::open(form, "gbk", "hello")->rules.empty());
  form.replies.emplace();
  EXPECT_TRUE(voice::open(form, "gbk", "hello")->rules.empty());
}

TEST(Voice, AnsweredMessagesAreCountedNotLines) {
  dialogue_form form;
  form.replies = std::vector<std::string>{"a=>{count} "};
  form.sending.check = checksum::none;
  const auto tongue = voice::open(form, "utf-8").value();
  replier one(2, "peer");
  constexpr storm_guard::clock::time_point now{};
  EXPECT_EQ(one.answer(tongue, "a\na\na\n", now), "1 2 3 ");
  EXPECT_EQ(one.answer(tongue, "b", now), "");
  EXPECT_EQ(one.answer(tongue, "a", now), "4 ");
  EXPECT_FALSE(one.dropped_untold());
  EXPECT_EQ(one.answer(tongue, "a", now), "");
  EXPECT_TRUE(one.dropped_untold());
  EXPECT_EQ(one.answer(tongue, "a", now + storm_guard::window), "5 ");
}

}  // namespace
}  // namespace sampan::talk
