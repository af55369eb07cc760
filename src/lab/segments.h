// What went over the wire, told by what a program without privileges can see: states, counters and answers.
#pragma once

#include <optional>
#include <string>

#include "lab/experiment.h"
#include "net/plain_socket.h"

namespace sampan::lab {

/// After connect(2) returned `number` (errno, 0: connected). Nothing for what the counters do not bear out. Pure.
drawing segments_of_connect(const std::string& client, int number, const std::optional<net::calls::counters>& after);

/// After `bytes` were sent by one end, from its counters before and after. Pure.
drawing segments_of_send(const std::string& client, bool to_server, std::size_t bytes,
                         const net::calls::counters& before, const net::calls::counters& after);

/// After the client got `bytes` by recv(2), or 0 for the end, from a server that is not part of the experiment. Pure.
drawing segments_of_receive(const std::string& client, std::size_t bytes);

/// After one end was closed, by the states of both ends in the table, `CLOSED` for none (RFC 9293 3.6). None while these are still
/// changing. Pure.
std::optional<drawing> segments_of_close(const std::string& client, bool by_client, const std::string& closer,
                                         const std::string& other);

}  // namespace sampan::lab
