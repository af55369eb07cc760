// Asking for a file by its bare name (docs/bare-protocol.md).
#pragma once

#include "client/peer.h"

namespace sampan::client {

/// Sends the name, and looks at the first bytes of the answer without taking them, until it is certain that they are no other
/// protocol's. What the stream then gives until its end is the file.
/// @error nothing_received, not_the_file, reply_timeout, connection_reset, interrupted; as peer::connect(); errc::system
result<net::tcp_stream> ask_by_name(const peer& server);

}  // namespace sampan::client
