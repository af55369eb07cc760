// Connecting to a host: all its addresses, the first that answers wins.
#pragma once

#include "base/unique_fd.h"
#include "net/address.h"
#include "net/wait.h"

namespace sampan::net {

struct connection {
  base::unique_fd fd;  ///< non-blocking, close-on-exec; notices a peer that has gone without a word
  address peer;
};

/// Resolves and connects, all within `until`: addresses in the resolver's order with the families taking turns, the next
/// one tried when one has failed or the one before has not answered for 250 ms (RFC 8305 5), the losers closed.
/// @error as resolve(); errc::system (ECONNREFUSED, …, of the first address), errc::connect_timeout, errc::interrupted
result<connection> connect_to(const endpoint& where, const patience& until, ip_family family = ip_family::any);

/// The same with addresses that are known, at least one. @param subject  names the peer in errors
result<connection> connect_to_first(const std::vector<address>& list, const std::string& subject,
                                    const patience& until);

/// The addresses in the order in which they are tried: families take turns, the first address's begins (RFC 8305 4).
std::vector<address> in_turns(std::vector<address> list);

}  // namespace sampan::net
