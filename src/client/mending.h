// Which pieces of a file are wrong, when its digest is.
#pragma once

#include <vector>

#include "client/exchange.h"
#include "client/sink.h"

namespace sampan::client {

/// The pieces that a server describes in a Metalink document, which `head` links to (RFC 6249 2, 3). Only one of the same origin
/// is asked for, and it counts only where its size is `total`. Nothing where there is none, or it is not to be had.
get_pieces described_pieces(origin& whom, const get_source& from, const http::response_head& head, std::uint64_t total,
                            watch& patience);

/// The bytes of the pieces that are not those of their digests; empty where the digests do not fill the file.
/// Cost: reads and hashes the whole file. @error as sink::read()
result<std::vector<interval>> wrong_pieces(sink& file, std::uint64_t total, const get_pieces& known);

}  // namespace sampan::client
