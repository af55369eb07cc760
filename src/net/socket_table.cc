#include "net/socket_table.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>

#include "base/unique_fd.h"

namespace sampan::net {

namespace {

// The states above, one bit each. Newer kernels also list sockets that are bound and do nothing yet; ss does not ask for these.
constexpr std::uint32_t all_states = (1U << (static_cast<unsigned>(tcp_state::closing) + 1)) - 2;
constexpr int answer_ms = 2000;                 // the kernel answers at once; this is for a broken one
constexpr std::size_t datagram_size = 1 << 16;  // dumps come in datagrams of at most 32 KiB

error table_error(int number) { return error::system(number, "read", "the socket table"); }

// Both in network order.
address from_network(std::uint32_t ip, std::uint16_t port) {
  sockaddr_in plain{};
  plain.sin_family = AF_INET;
  plain.sin_addr.s_addr = ip;
  plain.sin_port = port;
  return address::from_system(reinterpret_cast<const sockaddr*>(&plain), sizeof plain);
}

result<std::vector<table_row>> ask_kernel() {
  const base::unique_fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!fd) return table_error(errno);
  struct {
    nlmsghdr head;
    inet_diag_req_v2 what;
  } question{};
  question.head.nlmsg_len = sizeof question;
  question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.what.sdiag_family = AF_INET;
  question.what.sdiag_protocol = IPPROTO_TCP;
  question.what.idiag_states = all_states;
  if (send(fd.get(), &question, sizeof question, 0) < 0) return table_error(errno);
  std::vector<table_row> rows;
  std::vector<char> buffer(datagram_size);
  for (;;) {
    pollfd one{fd.get(), POLLIN, 0};
    if (poll(&one, 1, answer_ms) == 0) return table_error(ETIMEDOUT);
    const ssize_t got = recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return table_error(errno);
    const auto more = parse_diag({buffer.data(), static_cast<std::size_t>(got)}, rows);
    if (!more) return more.error();
    if (!*more) return rows;
  }
}

result<std::vector<table_row>> read_proc() {
  std::ifstream lines("/proc/net/tcp");
  if (!lines) return table_error(ENOENT);
  std::vector<table_row> rows;
  for (std::string line; std::getline(lines, line);) {
    if (auto row = parse_table_line(line)) rows.push_back(*row);
  }
  return rows;
}

// Takes the next hexadecimal number and the one character after it.
bool take_hex(std::string_view& text, std::uint32_t& number) {
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (bad != std::errc()) return false;
  text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(end - text.data()) + 1));
  return true;
}

}  // namespace

const char* name_of(tcp_state state) noexcept {
  constexpr std::array names = {"UNKNOWN",   "ESTAB",  "SYN-SENT",   "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
                                "TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN",     "CLOSING"};
  const auto number = static_cast<std::size_t>(state);
  return names[number < names.size() ? number : 0];
}

result<std::vector<table_row>> read_socket_table() {
  auto rows = ask_kernel();
  return rows ? std::move(rows) : read_proc();
}

std::optional<table_row> parse_table_line(std::string_view line) {
  const auto colon = line.find(": ");  // after the slot
  if (colon == std::string_view::npos) return std::nullopt;
  line.remove_prefix(colon + 2);
  std::uint32_t ip = 0, port = 0, remote_ip = 0, remote_port = 0, state = 0;
  table_row row;
  for (std::uint32_t* field : {&ip, &port, &remote_ip, &remote_port, &state, &row.send_queue, &row.receive_queue}) {
    if (!take_hex(line, *field)) return std::nullopt;
  }
  if (port > 0xffff || remote_port > 0xffff || state > 0xff) return std::nullopt;
  // The addresses are printed as the machine has the network's four bytes in a number, the ports as numbers.
  row.local = from_network(ip, htons(static_cast<std::uint16_t>(port)));
  row.remote = from_network(remote_ip, htons(static_cast<std::uint16_t>(remote_port)));
  row.state = static_cast<tcp_state>(state);
  return row;
}

result<bool> parse_diag(std::string_view datagram, std::vector<table_row>& rows) {
  while (datagram.size() >= sizeof(nlmsghdr)) {
    nlmsghdr head{};
    std::memcpy(&head, datagram.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > datagram.size()) return table_error(EBADMSG);
    if (head.nlmsg_type == NLMSG_DONE) return false;
    const std::string_view body = datagram.substr(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN);
    if (head.nlmsg_type == NLMSG_ERROR) {
      int number = -EBADMSG;
      if (body.size() >= sizeof number) std::memcpy(&number, body.data(), sizeof number);
      return table_error(-number);
    }
    inet_diag_msg about{};
    if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY || body.size() < sizeof about) return table_error(EBADMSG);
    std::memcpy(&about, body.data(), sizeof about);
    rows.push_back({static_cast<tcp_state>(about.idiag_state), about.idiag_rqueue, about.idiag_wqueue,
                    from_network(about.id.idiag_src[0], about.id.idiag_sport),
                    from_network(about.id.idiag_dst[0], about.id.idiag_dport)});
    datagram.remove_prefix(std::min<std::size_t>(datagram.size(), NLMSG_ALIGN(head.nlmsg_len)));
  }
  return true;
}

}  // namespace sampan::net
