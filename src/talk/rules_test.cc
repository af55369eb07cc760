#include "talk/rules.h"

#include <gtest/gtest.h>

#include "text/hex.h"

namespace sampan::talk {
namespace {

using list = std::vector<std::string>;
using text::encoding;

struct tables {
  explicit tables(encoding which)
      : encoder(text::encoder::open(which).value()), decoder(text::decoder::open(which).value()) {}
  text::encoder encoder;
  text::decoder decoder;
};

std::string answer(const list& rules, std::string_view message, encoding which = encoding::utf8) {
  const tables t(which);
  const auto made = reply_rules::read(rules, t.encoder, t.decoder).value();
  reply_facts facts{.time = "TIME", .count = 0, .peer = "PEER"};
  std::string out;
  const std::size_t replies = made.answer(message, facts, t.encoder, out);
  EXPECT_EQ(facts.count, replies);
  return out;
}

TEST(Rules, Table) {
  const struct {
    list rules;
    const char* message;
    const char* reply;
  } cases[] = {
      {{"PING=>PONG"}, "PING", "PONG"},
      {{"PING=>PONG"}, "PING\n", "PONG"},
      {{"PING=>PONG"}, "PING\r\n", "PONG"},
      {{"PING=>PONG"}, "PING ", ""},
      {{"PING=>PONG"}, "xPING\n", ""},
      {{"PING=>PONG\\n"}, "PING\nno\nPING\n", "PONG\nPONG\n"},
      {{"exact:PING=>PONG"}, "PING\n", "PONG"},
      {{"contains:IN=>yes"}, "PING", "yes"},
      {{"contains:in=>yes"}, "PING", ""},
      {{"prefix:PI=>yes"}, "PING\n", "yes"},
      {{"prefix:IN=>yes"}, "PING\n", ""},
      {{"regex:^P.N[FG]$=>yes"}, "PING\r\n", "yes"},
      {{"regex:I=>yes"}, "PING", "yes"},
      {{"regex:^你.$=>好"}, "你好\n", "好"},
      {{"regex:\\d{3}=>three"}, "a 123", "three"},
      {{"A=>1", "contains:A=>2", "=>else"}, "A\n", "1"},
      {{"A=>1", "contains:A=>2", "=>else"}, "xA\n", "2"},
      {{"=>else", "A=>1"}, "A\n", "1"},
      {{"=>else", "A=>1"}, "B\nC\n", "else"},
      {{"=>else"}, "", "else"},
      {{""}, "x", ""},
      {{"thank you !"}, "anything\nat all", "thank you !"},
      {{"{time}\\n"}, "x", "{time}\\n"},  // no arrow: taken as it is
      {{"=>{time} {count} {peer} {x} {"}, "x", "TIME 1 PEER {x} {"},
      {{"A=>{count}{count}", "B=>{count}"}, "A\nB\nA\n", "11233"},
      {{"=>a=>b"}, "x", "a=>b"},         // the first arrow counts
      {{"other:x=>y"}, "other:x", "y"},  // not a kind: part of an exact pattern
      {{"\\x02E=>ok"},
       "\x02"
       "E",
       "ok"},
      {{"a\\nb=>both"}, "a\nb\n", "both"},  // exact may span lines
      {{"\\xff=>ok"}, "\\xff", "ok"},       // how a decoder shows that byte
  };
  for (const auto& c : cases) EXPECT_EQ(answer(c.rules, c.message), c.reply) << c.rules[0] << " | " << c.message;
}

TEST(Rules, InTheEncoding) {
  EXPECT_EQ(answer({"你好=>再见\\x00"}, "你好", encoding::gbk), std::string("\xd4\xd9\xbc\xfb\0", 5));
  EXPECT_EQ(text::hex_encode(answer({"=>{count}好"}, "x", encoding::utf16_le)), "31007d59");
}

TEST(Rules, Refused) {
  const tables gbk(encoding::gbk);
  const auto code = [&](const std::string& rule) {
    const auto made = reply_rules::read({rule}, gbk.encoder, gbk.decoder);
    return made ? errc{} : made.error().code();
  };
  EXPECT_EQ(code("regex:(=>x"), errc::bad_value);
  EXPECT_EQ(code("regex:(?:a{1000}){1000}=>x"), errc::bad_value);
  EXPECT_EQ(code("a\\q=>x"), errc::bad_value);
  EXPECT_EQ(code("a=>x\\"), errc::bad_value);
  EXPECT_EQ(code("a=>€"), errc::not_encodable);
  EXPECT_EQ(code("€=>a"), errc::not_encodable);
  EXPECT_EQ(code("€"), errc::not_encodable);
  EXPECT_EQ(code(std::string(longest_pattern + 1, 'x') + "=>y"), errc::bad_value);
  EXPECT_EQ(code(std::string(longest_pattern, 'x') + "=>y"), errc{});
}

TEST(Rules, ARegexThatBlowsOthersUpTakesLinearTime) {
  EXPECT_EQ(answer({"regex:^(a+)+$=>x"}, std::string(60'000, 'a') + "b"), "");
}

TEST(Rules, Time) { EXPECT_EQ(local_time_text().size(), std::string_view("2026-03-01 14:05:09").size()); }

}  // namespace
}  // namespace sampan::talk
