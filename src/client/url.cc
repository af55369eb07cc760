#include "net/address.h"
#include "sampan/get.h"
#include "text/percent.h"

namespace sampan {

namespace {
constexpr std::uint16_t bare_port = 7890;
constexpr std::uint16_t http_port = 80;
constexpr std::size_t longest_name = 4096;  // what a server of this protocol reads at most
}  // namespace

result<get_source> parse_get_url(std::string_view url) {
  const auto unusable = [&](const char* why) { return error::make(errc::bad_url, "read", url, why); };
  std::string_view rest = url;
  const auto scheme_end = url.find("://");
  const bool has_scheme = scheme_end != url.npos && url.substr(0, scheme_end).find('/') == url.npos;
  if (has_scheme) {
    if (url.substr(0, scheme_end) != "tcp") return unusable("unknown scheme");
    rest = url.substr(scheme_end + 3);
  }
  const auto slash = rest.find('/');
  if (slash == rest.npos) return unusable("no file name");
  const auto where = net::parse_endpoint(rest.substr(0, slash), has_scheme ? bare_port : http_port);
  if (!where) return where.error();
  get_source source{where->host, where->port, text::percent_decode(rest.substr(slash + 1)), !has_scheme};
  if (source.name.empty()) return unusable("no file name");
  if (source.name.find('\0') != std::string::npos) return error::make(errc::bad_name, "get", source.name);
  if (source.name.size() > longest_name) return error::make(errc::bad_name, "get", url.substr(0, 64), "too long");
  return source;
}

}  // namespace sampan
