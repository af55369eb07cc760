// Connecting to a host: all its addresses, the first that answers wins.
#pragma once

#include <cstdint>
#include <string>

#include "base/unique_fd.h"
#include "net/address.h"
#include "net/wait.h"

namespace sampan::net {

/// How to connect, where not simply.
struct connect_form {
  bool datagram = false;   ///< UDP: nothing is sent, the socket only knows its peer
  int family = AF_UNSPEC;  ///< AF_INET or AF_INET6: only addresses of this family
  bool numeric = false;    ///< no host names: the resolver is not asked
  std::string
      source;  ///< IP literal to connect from; addresses of the other family are then left out. Empty: the kernel's choice
  std::uint16_t source_port = 0;  ///< 0: the kernel's choice
};

struct connection {
  base::unique_fd fd;  ///< non-blocking, close-on-exec; notices a peer that has gone without a word
  address peer;
};

/// Resolves and connects, all within `until`: addresses in the resolver's order with the families taking turns, the next
/// one tried when one has failed or the one before has not answered for 250 ms (RFC 8305 5), the losers closed.
/// @error as resolve(); errc::system (ECONNREFUSED, …, of the first address), errc::connect_timeout, errc::interrupted
result<connection> connect_to(const endpoint& where, const patience& until, ip_family family = ip_family::any);

/// The same in another form. @error also EAI_ADDRFAMILY: no address of the family; errc::bad_address (numeric, source); EADDRINUSE,
/// EADDRNOTAVAIL: the source
result<connection> connect_to(const endpoint& where, const patience& until, const connect_form& form);

/// The same with addresses that are known, at least one. @param subject  names the peer in errors
result<connection> connect_to_first(const std::vector<address>& list, const std::string& subject,
                                    const patience& until);

/// The addresses in the order in which they are tried: families take turns, the first address's begins (RFC 8305 4).
std::vector<address> in_turns(std::vector<address> list);

}  // namespace sampan::net
