#include "net/socket_table.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <cerrno>
#include <string>

#include "net/plain_socket.h"

namespace sampan::net {
namespace {

const std::string listening =
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1589 1 0 100 0 0 10 0";
const std::string waiting =
    "  12: 0100007F:1ED2 0200007F:8FF2 06 0000000A:0000000B 03:000016E1 00000000     0        0 0 3 0";

TEST(SocketTable, a_line_of_proc) {
  const auto row = parse_table_line(waiting);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->local.to_string(), "127.0.0.1:7890");
  EXPECT_EQ(row->remote.to_string(), "127.0.0.2:36850");
  EXPECT_EQ(row->state, tcp_state::time_wait);
  EXPECT_EQ(row->send_queue, 10u);
  EXPECT_EQ(row->receive_queue, 11u);
  const auto other = parse_table_line(listening);
  ASSERT_TRUE(other);
  EXPECT_STREQ(name_of(other->state), "LISTEN");
  EXPECT_EQ(other->receive_queue, 3u);
}

TEST(SocketTable, what_is_no_line_of_proc) {
  EXPECT_FALSE(parse_table_line("  sl  local_address rem_address   st tx_queue rx_queue"));
  EXPECT_FALSE(parse_table_line("  0: 0100007F:11F90 00000000:0000 0A 0:0"));  // a port of five digits
  EXPECT_FALSE(parse_table_line("  0: 0100007F:1F90 00000000:0000 10A 0:0"));
  EXPECT_FALSE(parse_table_line("  0: 0100007F:1F90 00000000:0000 zz 0:0"));
  const std::string needed = waiting.substr(0, waiting.find(" 03:"));
  for (std::size_t length = 0; length + 8 < needed.size(); ++length) {
    EXPECT_FALSE(parse_table_line(needed.substr(0, length))) << length;
  }
}

std::string message(std::uint16_t type, const std::string& body) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.nlmsg_type = type;
  return std::string(reinterpret_cast<const char*>(&head), sizeof head) + body;
}

std::string socket_message(tcp_state state, std::uint16_t port) {
  inet_diag_msg about{};
  about.idiag_family = AF_INET;
  about.idiag_state = static_cast<std::uint8_t>(state);
  about.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
  about.id.idiag_sport = htons(port);
  about.idiag_wqueue = 128;
  return message(SOCK_DIAG_BY_FAMILY, std::string(reinterpret_cast<const char*>(&about), sizeof about));
}

TEST(SocketTable, datagrams_of_the_kernel) {
  std::vector<table_row> rows;
  const std::string two = socket_message(tcp_state::listening, 80) + socket_message(tcp_state::last_ack, 81);
  EXPECT_TRUE(parse_diag(two, rows).value());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].local.to_string(), "127.0.0.1:80");
  EXPECT_EQ(rows[0].send_queue, 128u);
  EXPECT_STREQ(name_of(rows[1].state), "LAST-ACK");
  EXPECT_FALSE(parse_diag(message(NLMSG_DONE, {}), rows).value());
}

TEST(SocketTable, datagrams_that_are_broken_or_refusals) {
  std::vector<table_row> rows;
  const int refusal = -ENOENT;
  const auto refused =
      parse_diag(message(NLMSG_ERROR, {reinterpret_cast<const char*>(&refusal), sizeof refusal}), rows);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is_system(ENOENT));
  const std::string whole = socket_message(tcp_state::listening, 80);
  for (std::size_t length = sizeof(nlmsghdr); length < whole.size(); ++length) {
    EXPECT_FALSE(parse_diag(whole.substr(0, length), rows)) << length;
  }
  EXPECT_TRUE(rows.empty());
}

TEST(SocketTable, holds_a_socket_of_our_own) {
  const base::unique_fd socket = calls::open(calls::transport::tcp);
  ASSERT_EQ(calls::bind(socket.get(), address::from_ip("127.0.0.1", 0).value()), 0);
  ASSERT_EQ(calls::listen(socket.get(), 7), 0);
  const std::string own = calls::local_address(socket.get()).to_string();
  const auto rows = read_socket_table();
  ASSERT_TRUE(rows);
  EXPECT_EQ(std::count_if(rows->begin(), rows->end(),
                          [&](const table_row& row) {
                            return row.local.to_string() == own && row.state == tcp_state::listening;
                          }),
            1);
}

TEST(SocketTable, states_beyond_the_list_have_a_name) {
  EXPECT_STREQ(name_of(static_cast<tcp_state>(200)), "UNKNOWN");
  EXPECT_STREQ(name_of(tcp_state::closing), "CLOSING");
}

}  // namespace
}  // namespace sampan::net
