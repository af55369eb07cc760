#include "text/escape.h"

#include <gtest/gtest.h>

#include <set>

#include "text/utf8.h"

namespace sampan::text {
namespace {

using namespace std::string_view_literals;

TEST(Escape, ControlsBecomeVisible) {
  const struct {
    std::string_view raw, shown;
  } rows[] = {
      {"plain 你好", "plain 你好"},
      {"a\nb\r\tc\0d"sv, "a\\nb\\r\\tc\\0d"},
      {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
      {"\xc2\x9b"
       "31m",
       "\\u{9b}31m"},  // CSI as a C1 character
      {"\x9b"
       "31m",
       "\\x9b31m"},  // and as a bare byte
      {"a\xe2\x80\xae"
       "fdp.exe",
       "a\\u{202e}fdp.exe"},  // right-to-left override
      {"\xd8\x9c", "\\u{61c}"},
      {"\xe2\x80\x8b\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf", "\\u{200b}\\u{200d}\\u{2060}\\u{feff}"},
      {"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
      {"\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}"},
      {"\xf3\xa0\x81\x81", "\\u{e0041}"},
      {"A\xff"
       "B\xe4\xbd",
       "A\\xffB\\xe4\\xbd"},
      {"C:\\n", "C:\\n"},
  };
  for (const auto& row : rows) EXPECT_EQ(escape_terminal(row.raw), row.shown);
}

TEST(Escape, LogLinesAreUnambiguous) {
  EXPECT_EQ(escape_log("C:\\n"), "C:\\\\n");
  EXPECT_EQ(escape_log("C:\n"), "C:\\n");
  std::set<std::string> seen;
  std::size_t texts = 0;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b, ++texts)
      seen.insert(escape_log(std::string{static_cast<char>(a), static_cast<char>(b)}));
  }
  EXPECT_EQ(seen.size(), texts);
}

TEST(Escape, ResultNeverHoldsAControl) {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string raw;
    append_utf8(raw, c);
    const std::string shown = escape_terminal(raw);
    ASSERT_TRUE(is_utf8(shown));
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) {
      for (char byte : shown) ASSERT_TRUE(byte > 0x20 && byte < 0x7f);
    }
  }
}

TEST(Escape, HtmlTakesNothingForMarkup) {
  const struct {
    std::string_view raw, shown;
  } rows[] = {
      {"plain 你好", "plain 你好"},
      {"<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"},
      {"\"'<>&.csv", "&quot;&#39;&lt;&gt;&amp;.csv"},
      {"&amp;", "&amp;amp;"},
      {"a\nb\0\x1b\xff"sv, "a\\nb\\0\\x1b\\xff"},
      {"a\xe2\x80\xae<", "a\\u{202e}&lt;"},
      {"\xe4\xbd<", "\\xe4\\xbd&lt;"},  // half a character does not swallow the bracket
      {"foo\\bar", "foo\\bar"},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(escape_html(row.raw), row.shown);
}

TEST(Escape, HtmlIsTheTerminalsTextWithReferences) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string raw{static_cast<char>(a), static_cast<char>(b)};
      std::string wanted;
      for (char c : escape_terminal(raw)) {
        switch (c) {
          case '&': wanted += "&amp;"; break;
          case '<': wanted += "&lt;"; break;
          case '>': wanted += "&gt;"; break;
          case '"': wanted += "&quot;"; break;
          case '\'': wanted += "&#39;"; break;
          default: wanted += c;
        }
      }
      ASSERT_EQ(escape_html(raw), wanted);
    }
  }
}

TEST(Escape, JsonStrings) {
  const struct {
    std::string_view raw, shown;
  } rows[] = {
      {"plain 你好 <&>'/", "plain 你好 <&>'/"},
      {"\"q\" \\n", "\\\"q\\\" \\\\n"},
      {"a\nb\r\tc\0d\x1b\x7f"sv, "a\\nb\\r\\tc\\u0000d\\u001b\\u007f"},
      {"\xff\xfe.bin", "\\ufffd\\ufffd.bin"},
      {"\xe4\xbd\"", "\\ufffd\\ufffd\\\""},       // half a character does not swallow the quote
      {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},  // a surrogate is no character
      {"a\xe2\x80\xaeg", "a\\u202eg"},
      {"\xc2\x9b", "\\u009b"},
      {"\xf3\xa0\x81\x81", "\\udb40\\udc41"},  // U+E0041
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(escape_json(row.raw), row.shown);
}

TEST(Escape, QuotedFieldsOfALog) {
  const struct {
    std::string_view raw, shown;
  } rows[] = {
      {"GET /a b?c=%0a", "GET /a b?c=%0a"},
      {"say \"hi\" \\x", "say \\x22hi\\x22 \\x5Cx"},
      {"a\nb\tc\0d\x1b\x7f"sv, "a\\x0Ab\\x09c\\x00d\\x1B\\x7F"},
      {"\xff\xfe.bin", "\\xFF\\xFE.bin"},
      {"\xe4\xbd\"", "\\xE4\\xBD\\x22"},
      {"\xe4\xbd\xa0\xe2\x80\xaeg", "\xe4\xbd\xa0\\xE2\\x80\\xAEg"},
      {"\xc2\x9b", "\\xC2\\x9B"},
      {"", ""},
  };
  for (const auto& row : rows) {
    std::string out = "\"";
    append_escaped_quoted(out, row.raw);
    EXPECT_EQ(out, '"' + std::string(row.shown));
  }
}

TEST(Escape, AppendingIsTheSameForEverySplitBetweenCharacters) {
  const std::string raw = "plain \"q\" \\ \x1b \xff \xe2\x80\xae \xe4\xbd\xa0 end";
  for (const auto append : {append_escaped_log, append_escaped_quoted}) {
    std::string whole;
    append(whole, raw);
    for (std::size_t at = 0; at <= raw.size(); ++at) {
      const bool inside = at < raw.size() && (static_cast<unsigned char>(raw[at]) & 0xc0U) == 0x80;
      if (inside) continue;
      std::string out;
      append(out, std::string_view(raw).substr(0, at));
      append(out, std::string_view(raw).substr(at));
      ASSERT_EQ(out, whole) << at;
    }
    EXPECT_TRUE(is_utf8(whole));
  }
}

std::string stream(std::initializer_list<std::string_view> chunks) {
  stream_escaper escaper;
  std::string out;
  for (std::string_view chunk : chunks) escaper.feed(chunk, out);
  escaper.finish(out);
  return out;
}

TEST(Escape, StreamKeepsLinesAndTabs) {
  EXPECT_EQ(stream({"a\tb\nc\r\nd"}), "a\tb\nc\nd");
  EXPECT_EQ(stream({"100%\r", "ok"}), "100%\\rok");
  EXPECT_EQ(stream({"a\r", "\nb"}), "a\nb");
  EXPECT_EQ(stream({"a\r\r\nb\r"}), "a\\r\nb\\r");
  EXPECT_EQ(stream({"\x1b]0;x\x07", ""}), "\\x1b]0;x\\x07");
}

}  // namespace
}  // namespace sampan::text
