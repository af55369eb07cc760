#include "client/peer.h"

#include <cerrno>

#include "net/connect.h"

namespace sampan::client {

namespace {
constexpr const char* receiving = "receive from";
}

peer::peer(const get_source& source, const get_options& options) : source_(source), options_(options) {
  const bool v6_literal = source.host.find(':') != std::string::npos;
  where_ = (v6_literal ? '[' + source.host + ']' : source.host) + ':' + std::to_string(source.port);
}

const std::string& peer::subject() const noexcept {
  return source_.name.empty() ? source_.request_target : source_.name;
}

result<net::tcp_stream> peer::connect() const {
  auto connected = net::connect_to({source_.host, source_.port}, lasting(options_.connect_timeout));
  if (!connected) return connected.error();
  return net::tcp_stream(std::move(connected->fd));
}

net::patience peer::lasting(std::chrono::milliseconds length) const {
  return net::patience::lasting(length, options_.interrupt_fd);
}

result<void> peer::wait_for_reply(int socket, const net::patience& until) const {
  switch (net::wait_for(socket, POLLIN, until)) {
    case net::waited::interrupted: return interrupted();
    case net::waited::timeout: return receive_failed(errc::reply_timeout);
    case net::waited::ready: break;
  }
  return {};
}

error peer::receive_failed(int number) const {
  if (number == ECONNRESET) return receive_failed(errc::connection_reset);
  return error::system(number, receiving, where_);
}

error peer::receive_failed(errc code, std::string_view detail) const {
  return error::make(code, receiving, where_, detail);
}

error peer::interrupted() const { return error::make(errc::interrupted, "get", subject()); }

}  // namespace sampan::client
