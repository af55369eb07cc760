#include "client/proxy.h"

#include <algorithm>

#include "http/characters.h"
#include "http/field_syntax.h"
#include "net/address.h"
#include "sampan/get.h"

namespace sampan::client {

namespace {

// An IP literal. A zone says nothing about which network it is.
std::optional<net::address> read_ip(std::string_view text) {
  const auto read = net::address::from_ip(text.substr(0, text.find('%')), 0);
  return read ? std::optional(*read) : std::nullopt;
}

// One member of no_proxy.
struct exemption {
  std::string_view host;
  std::optional<std::size_t> network_bits;
  std::optional<std::uint16_t> port;
};

std::optional<exemption> read_exemption(std::string_view member) {
  exemption read{member, {}, {}};
  std::string_view tail;
  if (member.starts_with('[')) {
    const auto close = member.find(']');
    if (close == member.npos) return std::nullopt;
    read.host = member.substr(1, close - 1);
    tail = member.substr(close + 1);
  } else {
    const bool is_v6 = std::count(member.begin(), member.end(), ':') > 1;
    read.host = member.substr(0, member.find_first_of(is_v6 ? "/" : "/:"));
    tail = member.substr(read.host.size());
  }
  if (tail.starts_with('/')) {
    const auto digits = tail.substr(1, tail.find(':') - 1);
    read.network_bits = http::parse_digits(digits, 3);
    if (!read.network_bits) return std::nullopt;
    tail.remove_prefix(1 + digits.size());
  }
  if (tail.starts_with(':')) {
    const auto port = net::parse_port(tail.substr(1));
    if (!port) return std::nullopt;
    read.port = *port;
  } else if (!tail.empty()) {
    return std::nullopt;
  }
  return read;
}

bool is_in_network(const net::address& one, const net::address& network, std::optional<std::size_t> bits) {
  const auto bytes = one.ip_bytes(), wanted = network.ip_bytes();
  const auto length = bits.value_or(wanted.size() * 8);
  if (bytes.size() != wanted.size() || length > wanted.size() * 8) return false;
  const auto whole = length / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole), wanted.begin())) return false;
  return length % 8 == 0 || (bytes[whole] ^ wanted[whole]) >> (8 - length % 8) == 0;
}

bool is_name_or_below(std::string_view name, std::string_view domain) {
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (name.ends_with('.')) name.remove_suffix(1);
  if (domain.empty() || name.size() < domain.size()) return false;
  const auto rest = name.size() - domain.size();
  return http::same_word(name.substr(rest), domain) && (rest == 0 || name[rest - 1] == '.');
}

bool is_exempt(std::string_view list, std::string_view host, std::uint16_t port) {
  constexpr std::string_view separators = ", \t\r\n";
  const auto ip = read_ip(host);
  while (!list.empty()) {
    const auto member = list.substr(0, list.find_first_of(separators));
    list.remove_prefix(std::min(member.size() + 1, list.size()));
    if (member == "*") return true;
    const auto one = read_exemption(member);
    if (!one || (one->port && one->port != port)) continue;
    if (!ip) {
      if (!one->network_bits && is_name_or_below(host, one->host)) return true;
    } else if (const auto network = read_ip(one->host); network && is_in_network(*ip, *network, one->network_bits)) {
      return true;
    }
  }
  return false;
}

// The form is that of a URL, so it is read as one.
result<std::optional<proxy>> read_proxy(std::string_view text) {
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end == text.npos ? 0 : scheme_end);
  if (!scheme.empty() && !http::same_word(scheme, "http")) {
    return error::make(errc::bad_url, "use the proxy", std::string(scheme) + "://…",
                       "only proxies that speak plain HTTP can be used");
  }
  const auto read = parse_get_url(scheme.empty() ? "http://" + std::string(text) : text);
  if (!read) {
    const auto& why = read.error();
    return error::make(why.code(), "use the proxy", why.subject(), why.detail());
  }
  return std::optional(proxy{read->host, read->port, read->user, read->password});
}

}  // namespace

result<std::optional<proxy>> proxy_for(const proxy_settings& settings, bool tls, std::string_view host,
                                       std::uint16_t port) {
  const auto& own = tls ? settings.https : settings.http;
  const auto& chosen = own.empty() ? settings.all : own;
  if (chosen.empty() || is_exempt(settings.none, host, port)) return std::optional<proxy>();
  return read_proxy(chosen);
}

}  // namespace sampan::client
