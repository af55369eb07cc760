#include "lab/segments.h"

#include <cerrno>

namespace sampan::lab {

using kind = segment::kind;

drawing segments_of_connect(const std::string& client, int number, const std::optional<net::calls::counters>& after) {
  // RFC 9293 3.10.7.1: a SYN to a port where nobody listens is answered by a reset, and that is what this errno says.
  if (number == ECONNREFUSED) return {{client, true, kind::syn}, {client, false, kind::rst}};
  // RFC 9293 3.5: two segments out and one in, before anything else is sent, are the three of the handshake.
  if (number != 0 || !after || after->state != net::tcp_state::established) return {};
  if (after->segments_sent < 2 || after->segments_received < 1) return {};
  return {{client, true, kind::syn}, {client, false, kind::syn_ack}, {client, true, kind::ack}};
}

drawing segments_of_send(const std::string& client, bool to_server, std::size_t bytes,
                         const net::calls::counters& before, const net::calls::counters& after) {
  if (after.data_segments_sent != before.data_segments_sent + 1) return {};  // none, or more than one arrow could say
  drawing made{{client, to_server, kind::data, bytes}};
  // RFC 9293 3.10.7.1: the answer to data for a connection that is no more.
  if (after.state == net::tcp_state::closed) made.push_back({client, !to_server, kind::rst});
  if (after.bytes_acknowledged == before.bytes_acknowledged + bytes) made.push_back({client, !to_server, kind::ack});
  return made;
}

drawing segments_of_receive(const std::string& client, std::size_t bytes) {
  return {{client, false, bytes > 0 ? kind::data : kind::fin, bytes}};
}

std::optional<drawing> segments_of_close(const std::string& client, bool by_client, const std::string& closer,
                                         const std::string& other) {
  const drawing end_and_ack{{client, by_client, kind::fin}, {client, !by_client, kind::ack}};
  if (closer == "FIN-WAIT-2" && other == "CLOSE-WAIT") return end_and_ack;  // the first to close
  if (closer == "CLOSED" && other == "TIME-WAIT") return end_and_ack;       // the second
  // Where the other end has closed meanwhile: its FIN acknowledges, too, with or without an ACK before it.
  if (closer == "TIME-WAIT" && other == "CLOSED") {
    return drawing{{client, by_client, kind::fin}, {client, !by_client, kind::fin}, {client, by_client, kind::ack}};
  }
  if (closer == "CLOSED" && other == "CLOSED") return drawing{{client, by_client, kind::rst}};
  return std::nullopt;
}

}  // namespace sampan::lab
