#include <algorithm>

#include "net/address.h"
#include "sampan/get.h"
#include "text/percent.h"

namespace sampan {

namespace {

constexpr std::uint16_t bare_port = 7890;
constexpr std::uint16_t http_port = 80;
constexpr std::size_t longest_name = 4096;  // what a server of the bare protocol reads at most
// What RFC 9110 4.1 wants every recipient to take; servers answer longer ones with 414.
constexpr std::size_t longest_target = 8000;

bool same_scheme(std::string_view text, std::string_view scheme) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(text.begin(), text.end(), scheme.begin(), scheme.end(),
                    [&](char a, char b) { return lower(a) == b; });  // RFC 3986 3.1: case does not matter
}

// As browsers do it: what RFC 3986 3.3 and 3.4 allow stays as it was written, `%XX` too; all else becomes `%XX`.
std::string sendable(std::string_view path_and_query) {
  constexpr std::string_view allowed = "/?:@!$&'()*+,;=";
  std::string made;
  for (std::size_t i = 0; i < path_and_query.size(); ++i) {
    const auto one = path_and_query.substr(i, 1);
    const bool encoded =
        one == "%" && text::percent_decode(path_and_query.substr(i, 3)).size() == 1 && path_and_query.size() - i >= 3;
    made += encoded || allowed.find(one) != allowed.npos ? std::string(one) : text::percent_encode(one);
  }
  return made;
}

// A name's slashes are those of the path.
std::string target_of(std::string_view name) {
  std::string made = "/";
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto one = name.substr(i, 1);
    made += one == "/" ? std::string(one) : text::percent_encode(one);
  }
  return made;
}

error unusable(std::string_view url, const char* why) { return error::make(errc::bad_url, "read", url, why); }

result<get_source> parse_http(std::string_view url, std::string_view rest) {
  rest = rest.substr(0, rest.find('#'));  // RFC 9110 4.2.5: a fragment is never sent
  const auto host_end = std::min(rest.find_first_of("/?"), rest.size());
  const auto where = net::parse_endpoint(rest.substr(0, host_end), http_port);
  if (!where) return where.error();
  std::string target = sendable(rest.substr(host_end));
  if (!target.starts_with('/')) target.insert(0, 1, '/');  // RFC 9112 3.2.1
  if (target.size() > longest_target) return error::make(errc::bad_url, "read", url.substr(0, 64), "too long");
  const std::string name = text::percent_decode(std::string_view(target).substr(1, target.find('?') - 1));
  if (name.find('\0') != std::string::npos) return error::make(errc::bad_name, "get", name);
  return get_source{where->host, where->port, name, get_protocol::http, target};
}

result<get_source> parse_name(std::string_view url, std::string_view rest, get_protocol protocol) {
  const auto slash = rest.find('/');
  if (slash == rest.npos) return unusable(url, "no file name");
  const auto where = net::parse_endpoint(rest.substr(0, slash), protocol == get_protocol::bare ? bare_port : http_port);
  if (!where) return where.error();
  const std::string name = text::percent_decode(rest.substr(slash + 1));
  if (name.empty()) return unusable(url, "no file name");
  if (name.find('\0') != std::string::npos) return error::make(errc::bad_name, "get", name);
  if (name.size() > longest_name) return error::make(errc::bad_name, "get", url.substr(0, 64), "too long");
  return get_source{where->host, where->port, name, protocol,
                    protocol == get_protocol::bare ? std::string() : target_of(name)};
}

}  // namespace

result<get_source> parse_get_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  const auto scheme = url.substr(0, scheme_end);
  if (scheme_end == url.npos || scheme.find('/') != scheme.npos) {
    return parse_name(url, url, get_protocol::http_or_bare);
  }
  const auto rest = url.substr(scheme_end + 3);
  if (same_scheme(scheme, "http")) return parse_http(url, rest);
  if (same_scheme(scheme, "tcp")) return parse_name(url, rest, get_protocol::bare);
  return unusable(url, same_scheme(scheme, "https") ? "https is not there yet" : "unknown scheme");
}

}  // namespace sampan
