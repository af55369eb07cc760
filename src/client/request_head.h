// The text of a request.
#pragma once

#include <string>

#include "client/exchange.h"

namespace sampan::client {

/// What a request says beyond what it asks for.
struct request_words {
  std::string user_agent;           ///< empty: sampan's
  std::string authorization;        ///< a field value; empty: none
  std::string proxy_authorization;  ///< likewise
  bool by_proxy = false;            ///< the target is the whole URL (RFC 9112 3.2.2)
  std::vector<std::string> fields;  ///< `Name: value`; they take the place of ours of the same name
  bool want_digest = false;         ///< RFC 9530 4
};

/// HOST[:PORT] as the Host field has it: an IPv6 address in brackets and without its zone, which means something on this machine only
/// (RFC 6874 4), the scheme's own port left out. Thread: pure.
std::string host_field(const get_source& source);

/// `Basic …` (RFC 7617 2). Thread: pure.
std::string basic_credentials(std::string_view user, std::string_view password);

/// The request as it is sent. It stays below 1,024 bytes for names of ordinary length: the course's server, which takes it
/// for a name, reads no more than that, and unread bytes would make its end a reset. Cost: O(length). Thread: pure.
/// Source: RFC 9112 3.2; RFC 9110 7.2, 10.1.5, 12.5, 13.1.5, 14.2.
std::string write_request(const get_source& source, const request& what, const request_words& words);

/// CONNECT for a tunnel (RFC 9110 9.3.6).
std::string write_connect(const get_source& source, const request_words& words);

}  // namespace sampan::client
