// Asking for a file by HTTP/1.1, up to the head of the answer.
#pragma once

#include <optional>
#include <string>

#include "client/peer.h"
#include "http/response.h"

namespace sampan::client {

/// The request as it is sent. It stays below 1,024 bytes for names of ordinary length: the course's server, which takes it
/// for a name, reads no more than that, and unread bytes would make its end a reset. Cost: O(length). Thread: pure.
/// Source: RFC 9112 3.2; RFC 9110 7.2, 10.1.5, 12.5.
std::string http_request(const get_source& source);

struct http_answer {
  net::tcp_stream stream;
  http::response_head head;
  std::string body_begin;  ///< bytes that came with the head, and may be the body's
};

/// Asks on a fresh connection and reads the head, passing over interim ones (RFC 9110 15.2). The whole head has to come within the
/// idle timeout. Nothing: the server closed the connection without a byte.
/// @error malformed_answer, cut_short, reply_timeout, connection_reset, interrupted; as peer::connect(); errc::system
result<std::optional<http_answer>> ask_by_http(const peer& server);

}  // namespace sampan::client
