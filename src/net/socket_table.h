// The kernel's table of TCP sockets over IPv4, as `ss -tan4` shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace sampan::net {

/// The kernel's numbers (RFC 9293 3.3.2 has the states). A socket in CLOSED stands in no table.
enum class tcp_state : std::uint8_t {
  established = 1,
  syn_sent,
  syn_received,
  fin_wait_1,
  fin_wait_2,
  time_wait,
  closed,
  close_wait,
  last_ack,
  listening,
  closing,
};

/// As ss spells it: `ESTAB`; a number outside the enumeration is `UNKNOWN`.
const char* name_of(tcp_state state) noexcept;

struct table_row {
  tcp_state state = tcp_state::closed;
  std::uint32_t receive_queue = 0;  ///< bytes not read yet; listening: clients that wait for accept(2)
  std::uint32_t send_queue = 0;  ///< bytes not acknowledged yet; listening: how many may wait (0 where /proc is read)
  address local;
  address remote;  ///< 0.0.0.0:0 for a listening socket
};

/// All rows, in the kernel's order. Asks sock_diag(7), and reads /proc/net/tcp where that is not to be had. Needs no privilege.
/// Cost: O(sockets of the network namespace). @error errc::system
result<std::vector<table_row>> read_socket_table();

/// One line of /proc/net/tcp (proc(5)); none for its heading and for what is no such line.
std::optional<table_row> parse_table_line(std::string_view line);

/// The rows in one datagram of the kernel's answer. @return whether more datagrams follow; @error errc::system: the kernel's refusal
result<bool> parse_diag(std::string_view datagram, std::vector<table_row>& rows);

}  // namespace sampan::net
