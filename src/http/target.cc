#include "http/target.h"

#include <algorithm>

#include "http/characters.h"
#include "http/field_syntax.h"
#include "text/percent.h"

namespace sampan::http {

namespace {

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Whether each `%` is followed by two hex digits.
bool percents_are_whole(std::string_view text) noexcept {
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    if (text.size() - at < 3 || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
  }
  return true;
}

// Cuts the path off the query. Empty becomes `/`: RFC 9110 4.2.3.
void set_path(target& parts, std::string_view path_and_query) noexcept {
  const auto mark = path_and_query.find('?');
  parts.path = path_and_query.substr(0, mark);
  if (parts.path.empty()) parts.path = "/";
  parts.has_query = mark != path_and_query.npos;
  if (parts.has_query) parts.query = path_and_query.substr(mark + 1);
}

// Behind the `://`, or nothing if the scheme is none of ours. RFC 3986 3.1: schemes have no case.
std::optional<std::string_view> after_scheme(std::string_view raw) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_word(raw.substr(0, scheme.size()), scheme)) return raw.substr(scheme.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<target> split_target(std::string_view method, std::string_view raw) noexcept {
  if (raw.empty() || raw.find('#') != raw.npos) return std::nullopt;
  target parts;
  if (method == "CONNECT") {  // RFC 9112 3.2.3
    const auto colon = raw.rfind(':');
    const bool has_port = colon != raw.npos && colon + 1 < raw.size() && raw.back() != ']';
    if (!has_port || !is_valid_host(raw)) return std::nullopt;
    parts.form = target_form::authority;
    parts.authority = raw;
    return parts;
  }
  if (raw == "*") {  // RFC 9112 3.2.4
    if (method != "OPTIONS") return std::nullopt;
    parts.form = target_form::asterisk;
    return parts;
  }
  if (raw[0] == '/') {
    set_path(parts, raw);
    return parts;
  }
  const auto rest = after_scheme(raw);
  if (!rest) return std::nullopt;
  const auto authority_end = std::min(rest->find_first_of("/?"), rest->size());
  parts.form = target_form::absolute;
  parts.authority = rest->substr(0, authority_end);
  // RFC 9110 4.2.1: not empty; 4.2.4: user information is an attempt to mislead. No host has an `@`.
  if (parts.authority.empty() || !is_valid_host(parts.authority)) return std::nullopt;
  set_path(parts, rest->substr(authority_end));
  return parts;
}

path_problem decode_path(std::string_view encoded, std::string& name) {
  name.clear();
  if (!percents_are_whole(encoded)) return path_problem::malformed;
  std::string decoded = text::percent_decode(encoded);
  if (decoded.find('\0') != decoded.npos) return path_problem::malformed;
  // An encoded slash is part of a segment, and no name holds one.
  const auto slashes = [](std::string_view text) { return std::count(text.begin(), text.end(), '/'); };
  if (slashes(decoded) != slashes(encoded)) return path_problem::absent;

  std::string_view rest = decoded;
  long depth = 0;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
    if (segment.empty() || segment == ".") continue;
    depth += segment == ".." ? -1 : 1;
    if (depth < 0) {
      name.clear();
      return path_problem::outside;
    }
    name += segment;
    if (slash != std::string_view::npos) name += '/';
  }
  return path_problem::none;
}

std::string encode_path(std::string_view clean_name) {
  std::string path = "/";
  path.reserve(clean_name.size() + 1);
  while (!clean_name.empty()) {
    const auto slash = clean_name.find('/');
    const auto component = clean_name.substr(0, slash);
    path += text::percent_encode(component);
    if (slash != clean_name.npos && !path.ends_with('/')) path += '/';
    clean_name.remove_prefix(std::min(component.size() + 1, clean_name.size()));
  }
  return path;
}

}  // namespace sampan::http
