#include "lab/segments.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace sampan::lab {
namespace {

using kind = segment::kind;
using counters = net::calls::counters;

using net::tcp_state;
const counters shaken_hands{tcp_state::established, 2, 1, 0, 1};

TEST(Segments, handshake_only_when_the_counters_show_it) {
  const drawing three{{"c", true, kind::syn}, {"c", false, kind::syn_ack}, {"c", true, kind::ack}};
  EXPECT_EQ(segments_of_connect("c", 0, shaken_hands), three);
  EXPECT_TRUE(segments_of_connect("c", 0, std::nullopt).empty());
  EXPECT_TRUE(segments_of_connect("c", 0, counters{tcp_state::syn_sent, 2, 1, 0, 1}).empty());
  EXPECT_TRUE(segments_of_connect("c", 0, counters{tcp_state::established, 1, 1, 0, 0}).empty());
  EXPECT_TRUE(segments_of_connect("c", 0, counters{tcp_state::established, 2, 0, 0, 0}).empty());
  EXPECT_TRUE(segments_of_connect("c", ETIMEDOUT, shaken_hands).empty());
}

TEST(Segments, refusal_is_a_reset) {
  EXPECT_EQ(segments_of_connect("c", ECONNREFUSED, std::nullopt),
            (drawing{{"c", true, kind::syn}, {"c", false, kind::rst}}));
}

TEST(Segments, data_and_its_acknowledgement) {
  const counters acknowledged{tcp_state::established, 3, 2, 1, 6};
  EXPECT_EQ(segments_of_send("c", true, 5, shaken_hands, acknowledged),
            (drawing{{"c", true, kind::data, 5}, {"c", false, kind::ack}}));
  const counters not_yet{tcp_state::established, 3, 1, 1, 1};
  EXPECT_EQ(segments_of_send("c", false, 5, shaken_hands, not_yet), (drawing{{"c", false, kind::data, 5}}));
  EXPECT_TRUE(segments_of_send("c", true, 5, shaken_hands, shaken_hands).empty());
  const counters cut{tcp_state::closed, 3, 2, 1, 1};
  EXPECT_EQ(segments_of_send("c", true, 5, shaken_hands, cut),
            (drawing{{"c", true, kind::data, 5}, {"c", false, kind::rst}}));
  const counters two_of_them{tcp_state::established, 4, 2, 2, 6};
  EXPECT_TRUE(segments_of_send("c", true, 5, shaken_hands, two_of_them).empty());
}

TEST(Segments, what_a_foreign_server_sent) {
  EXPECT_EQ(segments_of_receive("c", 11), (drawing{{"c", false, kind::data, 11}}));
  EXPECT_EQ(segments_of_receive("c", 0), (drawing{{"c", false, kind::fin}}));
}

TEST(Segments, close_by_the_states_of_both_ends) {
  const drawing fin{{"c", true, kind::fin}, {"c", false, kind::ack}};
  EXPECT_EQ(segments_of_close("c", true, "FIN-WAIT-2", "CLOSE-WAIT"), fin);
  EXPECT_EQ(segments_of_close("c", true, "CLOSED", "TIME-WAIT"), fin);
  EXPECT_EQ(segments_of_close("c", true, "TIME-WAIT", "CLOSED"),
            (drawing{{"c", true, kind::fin}, {"c", false, kind::fin}, {"c", true, kind::ack}}));
  EXPECT_EQ(segments_of_close("c", false, "CLOSED", "CLOSED"), (drawing{{"c", false, kind::rst}}));
  for (const char* const between : {"FIN-WAIT-1", "LAST-ACK", "ESTAB", "CLOSING"}) {
    EXPECT_FALSE(segments_of_close("c", true, between, "CLOSE-WAIT")) << between;
    EXPECT_FALSE(segments_of_close("c", true, between, "ESTAB")) << between;
  }
}

}  // namespace
}  // namespace sampan::lab
