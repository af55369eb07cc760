// Asking for a file by its bare name (docs/bare-protocol.md).
#pragma once

#include "client/exchange.h"
#include "net/connect.h"

namespace sampan::client {

/// Sends the name, and looks at the first bytes of the answer without taking them, until it is certain that they are no other
/// protocol's. What the stream then gives until its end is the file.
/// @error nothing_received, not_the_file, connection_reset; as net::connect_to(), watch::wait(); errc::system
result<std::unique_ptr<response>> ask_by_name(const get_source& whom, net::ip_family family, watch& patience);

}  // namespace sampan::client
