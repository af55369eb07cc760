#include "cli/lab_render.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "text/utf8.h"

namespace sampan::cli {
namespace {

using kind = lab::segment::kind;

std::vector<std::string> lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

TEST(LabRender, wraps_words) {
  EXPECT_EQ(wrapped("one two", "* ", 2), "* one two\n");
  const std::string word(30, 'x');
  EXPECT_EQ(wrapped(word + ' ' + word + " y", "", 2), word + "\n  " + word + " y\n");
  EXPECT_EQ(wrapped(std::string(70, 'x'), "", 2), std::string(70, 'x') + '\n');
}

TEST(LabRender, wraps_chinese_anywhere_but_before_a_mark) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "字";
  for (const std::string mark : {"，", "。", "：", "）"}) {
    for (const std::string& line : lines(wrapped(text + mark + text, "", 0))) {
      EXPECT_LE(text::display_width(line), lab_width) << line;
      EXPECT_FALSE(line.starts_with(mark)) << line;
    }
  }
}

TEST(LabRender, nothing_is_lost_in_wrapping) {
  const std::string text = "客户端 connect 之后，the server accepts 新的连接。done";
  for (std::size_t indent = 0; indent < 50; ++indent) {
    std::string kept;
    for (char c : wrapped(text, std::string(indent, ' '), indent)) {
      if (c != ' ' && c != '\n') kept += c;
    }
    EXPECT_EQ(kept, "客户端connect之后，theserveraccepts新的连接。done") << indent;
  }
}

TEST(LabRender, drawing_has_straight_edges_and_directions) {
  const auto drawn = lines(lab_text(lab::drawing{{"a", true, kind::syn},
                                                 {"client", false, kind::syn_ack},
                                                 {"newcomer", true, kind::data, 123456},
                                                 {"a", false, kind::rst}}));
  ASSERT_EQ(drawn.size(), 5u);  // an empty line first
  for (std::size_t i = 1; i < drawn.size(); ++i) {
    EXPECT_EQ(drawn[i].size(), drawn[1].size()) << drawn[i];
    EXPECT_EQ(drawn[i].find('|'), drawn[1].find('|'));
    EXPECT_LE(drawn[i].size(), lab_width);
  }
  EXPECT_NE(drawn[1].find("->|"), std::string::npos);
  EXPECT_EQ(drawn[1].find('<'), std::string::npos);
  EXPECT_NE(drawn[2].find("|<-"), std::string::npos);
  EXPECT_NE(drawn[3].find(" 123456 bytes "), std::string::npos);
  EXPECT_NE(drawn[4].find(" RST "), std::string::npos);
}

TEST(LabRender, table_fits_the_longest_rows) {
  net::table_row row;
  row.state = net::tcp_state::close_wait;
  row.receive_queue = row.send_queue = 4096;
  row.local = net::address::from_ip("127.0.0.1", 65535).value();
  row.remote = row.local;
  const auto shown = lines(lab_text(lab::table{row}));
  ASSERT_EQ(shown.size(), 4u);  // an empty line at either end, the heading
  EXPECT_EQ(shown[2], "  CLOSE-WAIT 4096   4096   127.0.0.1:65535  127.0.0.1:65535");
  EXPECT_LE(shown[2].size(), lab_width);
  EXPECT_TRUE(lab_text(lab::table{}).empty());
}

TEST(LabRender, a_failed_claim_names_itself_and_escapes_what_was_seen) {
  const std::string shown = lab_text(lab::observation{"found", "0", "5 \"\x1b[2J\"", false});
  EXPECT_NE(shown.find("[found]"), std::string::npos);
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
}

TEST(LabRender, json_is_json) {
  const lab::step steps[] = {lab::call{"a.send(\"x\")", "1"}, lab::table{{}, {}},
                             lab::observation{"found", "0", "\x1b\"", false}, lab::drawing{{"a", true, kind::data, 3}}};
  for (const lab::step& one : steps) {
    const auto read = nlohmann::json::parse(lab_json("3", "no-listen", one));
    EXPECT_EQ(read["experiment"], "3");
    EXPECT_EQ(read["sabotage"], "no-listen");
    EXPECT_EQ(read.size(), one.index() == 0 ? 4u : one.index() == 2 ? 7u : 3u);
  }
  EXPECT_FALSE(nlohmann::json::parse(lab_json("3", "", steps[0])).contains("sabotage"));
}

}  // namespace
}  // namespace sampan::cli
