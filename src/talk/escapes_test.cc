#include "talk/escapes.h"

#include <gtest/gtest.h>

namespace sampan::talk {
namespace {

using pieces = std::vector<typed_piece>;

TEST(Escapes, Table) {
  const struct {
    const char* typed;
    pieces wanted;
  } cases[] = {
      {"", {}},
      {"plain 你好", {{false, "plain 你好"}}},
      {"a\\r\\nb", {{false, "a"}, {true, "\r\n"}, {false, "b"}}},
      {"\\t\\x02\\xFf", {{true, "\t\x02\xff"}}},
      {"\\0x", {{true, std::string(1, '\0')}, {false, "x"}}},
      {"a\\\\nb", {{false, "a\\nb"}}},  // a backslash of text is text, so that UTF-16 gets it right
      {"\\\\\\n", {{false, "\\"}, {true, "\n"}}},
  };
  for (const auto& c : cases) EXPECT_EQ(read_escapes(c.typed).value(), c.wanted) << c.typed;
}

TEST(Escapes, WhatIsNone) {
  const struct {
    const char* typed;
    const char* subject;
  } cases[] = {{"\\", "\\"},        {"ab\\", "\\"},     {"C:\\qew", "\\q"}, {"\\x", "\\x"},       {"\\x1", "\\x1"},
               {"\\xg0 ", "\\xg0"}, {"\\x 1", "\\x 1"}, {"\\X41", "\\X"},   {"\\x0x41", "\\x0x"}, {"\\x,,", "\\x,,"}};
  for (const auto& c : cases) {
    const auto got = read_escapes(c.typed);
    ASSERT_FALSE(got) << c.typed;
    EXPECT_EQ(got.error().code(), errc::bad_value);
    EXPECT_EQ(got.error().subject(), c.subject);
  }
}

TEST(Escapes, EncodedForTheWire) {
  auto gbk = text::encoder::open(text::encoding::gbk).value();
  std::string out = "<";
  EXPECT_TRUE(encode_escaped("\\x02你\\xff", gbk, out));
  EXPECT_EQ(out, "<\x02\xc4\xe3\xff");
  EXPECT_EQ(encode_escaped("ok\\x00ñ", gbk, out).error().code(), errc::not_encodable);
  EXPECT_EQ(encode_escaped("ok\\q", gbk, out).error().code(), errc::bad_value);
  EXPECT_EQ(out, "<\x02\xc4\xe3\xff");  // nothing of what failed
}

}  // namespace
}  // namespace sampan::talk
