#include "client/url.h"

#include <algorithm>
#include <utility>

#include "http/characters.h"
#include "net/address.h"
#include "text/percent.h"

namespace sampan {

namespace {

constexpr std::uint16_t bare_port = 7890;
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::size_t longest_name = 4096;  // what a server of the bare protocol reads at most
// What RFC 9110 4.1 wants every recipient to take; servers answer longer ones with 414.
constexpr std::size_t longest_target = 8000;
constexpr std::size_t longest_shown = 256;  // of a URL in a message: a line or two

// RFC 3986 3.1. What ends in "://" or, in a Location, in ":".
bool is_scheme(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || http::is_digit(c) || c == '+' || c == '-' || c == '.';
  });
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

// A URL without its credentials.
std::string shown(std::string_view url) {
  const auto scheme_end = url.find("://");
  const auto begin = scheme_end != url.npos && is_scheme(url.substr(0, scheme_end)) ? scheme_end + 3 : 0;
  const auto rest = url.substr(begin);
  const auto at = rest.substr(0, rest.find_first_of("/?#")).rfind('@');
  const auto kept = at == rest.npos ? rest : rest.substr(at + 1);
  return (std::string(url.substr(0, begin)) + std::string(kept)).substr(0, longest_shown);
}

error unusable(std::string_view url, const char* why) { return error::make(errc::bad_url, "read", shown(url), why); }

// RFC 7617 2: credentials have no controls, and a colon in the user would move the border between the two.
bool can_be_sent(const get_source& with) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  const auto both = with.user + with.password;
  return with.user.find(':') == std::string::npos && std::none_of(both.begin(), both.end(), is_control);
}

// What stands between the two slashes and the path.
result<get_source> read_authority(std::string_view authority, bool tls) {
  // RFC 3986 has none there, and browsers take it for a slash: they would ask another host.
  if (authority.find('\\') != authority.npos) return unusable(authority, "a backslash in the host");
  const auto at = authority.rfind('@');
  const auto userinfo = at == authority.npos ? std::string_view() : authority.substr(0, at);
  authority.remove_prefix(at == authority.npos ? 0 : at + 1);
  if (authority.ends_with(':')) authority.remove_suffix(1);  // RFC 9110 4.2.3: an empty port is the usual one
  const auto where = net::parse_endpoint(authority, tls ? https_port : http_port);
  if (!where) return where.error();
  const auto user = userinfo.substr(0, userinfo.find(':'));
  const auto password = userinfo.substr(std::min(user.size() + 1, userinfo.size()));
  return get_source{where->host,
                    where->port,
                    {},
                    get_protocol::http,
                    {},
                    tls,
                    text::percent_decode(user),
                    text::percent_decode(password),
                    !userinfo.empty()};
}

// The same with a target, of which either part may be missing, and with the name that lies in it.
result<get_source> with_target(get_source source, std::string_view path_and_query) {
  std::string target = sendable(path_and_query);
  if (!target.starts_with('/')) target.insert(0, 1, '/');  // RFC 9112 3.2.1
  if (target.size() > longest_target) return unusable(target, "too long");
  source.name = text::percent_decode(std::string_view(target).substr(1, target.find('?') - 1));
  if (source.name.find('\0') != std::string::npos) return error::make(errc::bad_name, "get", source.name);
  source.request_target = std::move(target);
  return source;
}

// `rest` is what stands behind the two slashes.
result<get_source> parse_http(std::string_view url, std::string_view rest, bool tls) {
  rest = rest.substr(0, rest.find('#'));  // RFC 9110 4.2.5: a fragment is never sent
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  auto source = read_authority(authority, tls);
  if (!source) return source;
  if (!can_be_sent(*source)) return unusable(url, "a control character, or a colon in the user name");
  return with_target(std::move(*source), rest.substr(authority.size()));
}

result<get_source> parse_name(std::string_view url, std::string_view rest, get_protocol protocol) {
  const auto slash = rest.find('/');
  const auto authority = rest.substr(0, slash);
  if (authority.find('@') != authority.npos) return unusable(url, "a user name goes with http:// and https:// only");
  if (slash == rest.npos) return unusable(url, "no file name");
  const auto where = net::parse_endpoint(authority, protocol == get_protocol::bare ? bare_port : http_port);
  if (!where) return where.error();
  const std::string name = text::percent_decode(rest.substr(slash + 1));
  if (name.empty()) return unusable(url, "no file name");
  if (name.find('\0') != std::string::npos) return error::make(errc::bad_name, "get", name);
  if (name.size() > longest_name) return error::make(errc::bad_name, "get", url.substr(0, 64), "too long");
  get_source source{where->host, where->port, name, protocol, {}};
  if (protocol != get_protocol::bare) source.request_target = target_of(name);
  return source;
}

// RFC 3986 5.2.4. The path begins with a slash.
std::string without_dot_segments(std::string_view path) {
  std::string made;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment != "." && segment != "..") {
      (made += '/') += segment;
      continue;
    }
    if (segment == "..") made.erase(std::min(made.rfind('/'), made.size()));
    if (path.empty()) made += '/';
  }
  return made;
}

// RFC 3986 5.2.2, without scheme and authority: path and query of the reference, seen from those of the base.
std::string merged(std::string_view base, std::string_view reference) {
  const auto base_path = base.substr(0, base.find('?'));
  const auto path = reference.substr(0, reference.find('?'));
  const auto query = reference.substr(path.size());
  if (path.empty()) return std::string(query.empty() ? base : base_path) + std::string(query);
  // 5.2.3. The path of a base is never empty.
  const auto folder = path.starts_with('/') ? std::string_view() : base_path.substr(0, base_path.rfind('/') + 1);
  return without_dot_segments(std::string(folder) + std::string(path)) + std::string(query);
}

}  // namespace

result<get_source> parse_get_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  const auto scheme = url.substr(0, scheme_end);
  if (scheme_end == url.npos || !is_scheme(scheme)) return parse_name(url, url, get_protocol::http_or_bare);
  const auto rest = url.substr(scheme_end + 3);
  if (http::same_word(scheme, "http")) return parse_http(url, rest, false);
  if (http::same_word(scheme, "https")) return parse_http(url, rest, true);
  if (http::same_word(scheme, "tcp")) return parse_name(url, rest, get_protocol::bare);
  return unusable(url, "unknown scheme");
}

namespace client {

result<get_source> resolve_location(const get_source& base, std::string_view location) {
  location = http::trim(location);
  // RFC 3986 would make it the same URL again, which no server means.
  if (location.empty()) return unusable(location, "the redirect names no place");
  auto rest = location.substr(0, location.find('#'));
  const auto scheme = rest.substr(0, rest.find(':'));
  const bool is_absolute = scheme.size() < rest.size() && is_scheme(scheme);
  const bool tls = is_absolute ? http::same_word(scheme, "https") : base.tls;
  if (is_absolute && !tls && !http::same_word(scheme, "http")) return unusable(location, "unknown scheme");
  if (is_absolute) rest.remove_prefix(scheme.size() + 1);
  const bool has_authority = rest.starts_with("//");
  if (is_absolute && !has_authority) return unusable(location, "no host");
  if (has_authority) rest.remove_prefix(2);
  const auto authority = rest.substr(0, has_authority ? rest.find_first_of("/?") : 0);
  auto place = has_authority ? read_authority(authority, tls) : base;
  if (!place) return place;
  const bool keeps_credentials = base.has_credentials && same_origin(base, *place);
  place->protocol = get_protocol::http;
  place->user = keeps_credentials ? base.user : std::string();
  place->password = keeps_credentials ? base.password : std::string();
  place->has_credentials = keeps_credentials;
  return with_target(std::move(*place),
                     merged(has_authority ? "/" : base.request_target, rest.substr(authority.size())));
}

bool same_origin(const get_source& a, const get_source& b) noexcept {
  return a.tls == b.tls && a.port == b.port && http::same_word(a.host, b.host);
}

std::string url_of(const get_source& source) {
  const bool is_bare = source.protocol == get_protocol::bare;
  const bool is_v6 = source.host.find(':') != std::string::npos;
  std::string url = is_bare ? "tcp://" : source.tls ? "https://" : "http://";
  url += is_v6 ? '[' + source.host + ']' : source.host;
  if (source.port != (is_bare ? bare_port : source.tls ? https_port : http_port))
    url += ':' + std::to_string(source.port);
  return url + (is_bare ? target_of(source.name) : source.request_target);
}

}  // namespace client

}  // namespace sampan
