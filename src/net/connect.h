// Connecting to a host: all its addresses, the first that answers wins.
#pragma once

#include "base/unique_fd.h"
#include "net/address.h"
#include "net/wait.h"

namespace sampan::net {

struct connection {
  base::unique_fd fd;  ///< non-blocking, close-on-exec
  address peer;
};

/// Resolves and connects, all within `until`: addresses in the resolver's order with the families taking turns, the next
/// one tried when the one before failed or has not answered for 250 ms (RFC 8305 5), the losers closed.
/// @error as resolve(); errc::system (ECONNREFUSED, …, of the first address), errc::connect_timeout, errc::interrupted
result<connection> connect_to(const endpoint& where, const patience& until);

}  // namespace sampan::net
