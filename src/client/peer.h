// The server of one download: connecting to it, waiting for it, and errors that name it.
#pragma once

#include <string>

#include "net/tcp_stream.h"
#include "net/wait.h"
#include "sampan/get.h"

namespace sampan::client {

/// Refers to what it was made of. Thread: one.
class peer {
 public:
  peer(const get_source& source, const get_options& options);

  const get_source& source() const noexcept { return source_; }
  const get_options& options() const noexcept { return options_; }
  /// `HOST:PORT`, an IPv6 address in brackets.
  const std::string& where() const noexcept { return where_; }
  /// What is asked for, as a message names it.
  const std::string& subject() const noexcept;

  /// @error as net::connect_to
  result<net::tcp_stream> connect() const;
  /// That long from now, or until the user has had enough.
  net::patience lasting(std::chrono::milliseconds length) const;
  /// Waits until the socket is readable. @error reply_timeout, interrupted
  result<void> wait_for_reply(int socket, const net::patience& until) const;

  /// An error of receiving: connection_reset, or errc::system.
  error receive_failed(int number) const;
  error receive_failed(errc code, std::string_view detail = {}) const;
  error interrupted() const;

 private:
  const get_source& source_;
  const get_options& options_;
  std::string where_;
};

}  // namespace sampan::client
