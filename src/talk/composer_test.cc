#include "talk/composer.h"

#include <gtest/gtest.h>

#include "text/hex.h"
#include "text/hex_dump.h"

namespace sampan::talk {
namespace {

composer of(sending_form form, text::encoding which = text::encoding::gbk) {
  return {text::encoder::open(which).value(), form};
}

/// Everything, in the given reads, to its end.
std::string all_of(composer c, const std::vector<std::string>& reads) {
  std::string out;
  for (const std::string& one : reads) {
    for (std::string_view rest = one; !rest.empty();) EXPECT_TRUE(c.compose(rest, out));
  }
  EXPECT_TRUE(c.finish(out));
  return out;
}

TEST(Composer, PlainTextStreamsThrough) {
  composer c = of({});
  std::string out;
  std::string_view typed = "你好";
  EXPECT_TRUE(c.compose(typed, out));
  EXPECT_EQ(out, "\xc4\xe3\xba\xc3");
  EXPECT_TRUE(typed.empty());
}

TEST(Composer, Table) {
  const struct {
    sending_form form;
    const char* typed;
    const char* hex;
  } cases[] = {
      {{}, "a\\r\n", "615c720a"},
      {{.escapes = true}, "a\\r\n", "610d0a"},
      {{.escapes = true}, "\\x02你\\n", "02c4e30a"},  // the end of the input ends a line
      {{.crlf = true}, "a\nb\r\nc\n", "610d0a620d0a630d0a"},
      {{.crlf = true}, "\n", "0d0a"},
      {{.raw = true}, "\xff\xe4 你\\n\n", "ffe420e4bda05c6e0a"},
      {{.raw = true, .crlf = true, .check = checksum::sum}, "\xff\x02\n", "ff02010d0a"},
      {{.check = checksum::sum}, "ab\ncd", "6162c30a6364c7"},
      {{.crlf = true, .check = checksum::exor}, "ab\n", "6162030d0a"},
      {{.check = checksum::crc16}, "\n", "ffff0a"},
      {{.escapes = true, .check = checksum::sum}, "\\x0a", "0a0a"},  // a typed escape is no line end
  };
  for (const auto& c : cases) EXPECT_EQ(text::hex_encode(all_of(of(c.form), {c.typed})), c.hex) << c.typed;
}

TEST(Composer, SplitsMakeNoDifference) {
  const std::string text = "一\\x02\r\nab\\\\\n你\\0好\nrest\\t";
  for (const sending_form form : {sending_form{}, sending_form{.escapes = true}, sending_form{.crlf = true},
                                  sending_form{.escapes = true, .crlf = true, .check = checksum::crc32}}) {
    const std::string whole = all_of(of(form), {text});
    for (std::size_t at = 0; at <= text.size(); ++at) {
      EXPECT_EQ(all_of(of(form), {text.substr(0, at), text.substr(at)}), whole) << at;
    }
  }
}

TEST(Composer, ARefusedLineIsLeftOutWhole) {
  composer c = of({.escapes = true});
  std::string out;
  std::string_view typed = "one\nb\\ad\ntwo\n€\nthree\n";
  std::vector<std::string> refused;
  while (!typed.empty()) {
    if (!c.compose(typed, out)) refused.push_back(c.line());
  }
  EXPECT_EQ(out, "one\ntwo\nthree\n");
  EXPECT_EQ(refused, (std::vector<std::string>{"b\\ad\n", "€\n"}));
}

TEST(Composer, ALineWithoutAnEndIsNotHeldForEver) {
  composer c = of({.check = checksum::sum});
  const std::string endless(longest_record, 'x');
  std::string out;
  std::string_view typed = endless;
  EXPECT_TRUE(c.compose(typed, out));
  EXPECT_EQ(out.size(), longest_record + 1);
}

TEST(Composer, BrokenTextAtTheEnd) {
  composer c = of({});
  std::string out;
  std::string_view typed = "\xe4\xbd";
  EXPECT_TRUE(c.compose(typed, out));
  EXPECT_EQ(c.finish(out).error().code(), errc::not_encodable);
}

TEST(Composer, RawBytes) {
  const composer c = of({.escapes = true, .crlf = true, .check = checksum::crc16});
  std::string out;
  c.compose_raw(*text::typed_hex("01 03 00 00 00 0a"), out);
  EXPECT_EQ(text::hex_encode(out), "01030000000ac5cd");
}

TEST(Composer, AnotherEncodingFromNowOn) {
  composer c = of({});
  std::string out;
  c.use(text::encoder::open(text::encoding::utf16_le).value());
  std::string_view typed = "你\n";
  EXPECT_TRUE(c.compose(typed, out));
  EXPECT_EQ(text::hex_encode(out), "604f0a00");
}

TEST(Composer, SealedMessages) {
  for (const auto& [message, hex] : {std::pair("ab\r\n", "6162c30d0a"), {"ab\n", "6162c30a"}, {"ab", "6162c3"}}) {
    std::string sealed = message;
    seal_line(sealed, checksum::sum);
    EXPECT_EQ(text::hex_encode(sealed), hex);
  }
}

}  // namespace
}  // namespace sampan::talk
