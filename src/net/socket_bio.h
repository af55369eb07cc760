// What OpenSSL reads and writes through: a socket, without SIGPIPE, and with a bound on what one call may read.
#pragma once

#include <openssl/bio.h>

#include "net/tcp_stream.h"

namespace sampan::net {

/// A socket that is lent to OpenSSL, and what it met there. OpenSSL's own BIO for sockets calls write(2), which would end
/// the whole program by SIGPIPE when the peer is gone. Must outlive its BIO. Thread: one.
struct lent_socket {
  int fd = -1;
  int error = 0;       ///< errno, the first that was met but EAGAIN; 0: none
  bool ended = false;  ///< the peer's end was read
  /// How many bytes may still be read before the socket is said to have none. Else a peer that keeps sending what is no
  /// data (a KeyUpdate is 27 bytes) would keep OpenSSL inside one call for as long as it likes.
  std::size_t allowance = 0;
};

/// A new BIO over it; null when memory has run out. Never blocks.
BIO* make_bio(lent_socket& socket);

}  // namespace sampan::net
