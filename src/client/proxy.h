// Which proxy a request goes through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sampan/error.h"

namespace sampan::client {

/// What the variables `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say; empty: not set.
struct proxy_settings {
  std::string http, https, all, none;
};

/// A proxy that speaks HTTP without TLS.
struct proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string user, password;  ///< both empty: none. Never shown.
};

/// The proxy for a request to this host, or none. It is written `[http://][USER[:PASSWORD]@]HOST[:PORT]`, the port being 80 where there
/// is none, as in any URL and for wget (curl takes 1080); what stands behind is passed over.
///
/// `none` is a list, split at commas and blanks, of what is asked directly: names, with or without a dot in front, stand for
/// themselves and all below them (without regard to case, dots at the end do not count); IP addresses for themselves, with or without
/// brackets, or for their network (`10.0.0.0/8`); each may have a port, and then stands for that port only; `*` stands for everything.
/// Nothing is resolved: a name is never compared with an address. Members that are none of these stand for nothing.
/// @param host  as in get_source: an IPv6 address has no brackets
/// @error errc::bad_url (also `https://` and `socks…://` proxies), bad_address, bad_port
/// Cost: O(n). Thread: pure.
result<std::optional<proxy>> proxy_for(const proxy_settings& settings, bool tls, std::string_view host,
                                       std::uint16_t port);

}  // namespace sampan::client
