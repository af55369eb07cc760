// What a connection speaks: the interface between the connection, which moves bytes, and the protocols.
#pragma once

#include "sampan/serve.h"

namespace sampan::serving {

/// One protocol on one connection, which owns it. Each call may end the connection, and with it the exchange.
class exchange {
 public:
  virtual ~exchange() = default;

  /// The socket may have something to read, and nothing is under way.
  /// @param ended  the client may have shut down its side: a short read is not the last one then
  virtual void on_input(bool ended) = 0;
  /// The deadline armed last has passed while nothing was under way.
  virtual void on_deadline() = 0;
  /// All that connection::send() could not send at once is with the kernel now.
  virtual void on_sent() = 0;
  /// The client has left while the disk was waited for, or may have left while its answer was held back.
  virtual void on_client_gone() {}
  /// The server stops: true if nothing was asked and nothing is under way.
  virtual bool is_idle() const = 0;
  /// Fills in what was asked for, for the log. Returns false if there is nothing to tell.
  virtual bool describe(serve_record& about) = 0;
};

}  // namespace sampan::serving
