#include "client/request_head.h"

#include <algorithm>

#include "http/characters.h"
#include "text/base64.h"

namespace sampan::client {

namespace {

bool has(const std::vector<std::string>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& one) {
    return http::same_word(std::string_view(one).substr(0, one.find(':')), name);
  });
}

std::string range_value(const interval& range) {
  const std::string last = range.end == UINT64_MAX ? "" : std::to_string(range.end - 1);
  return "bytes=" + std::to_string(range.begin) + '-' + last;
}

std::string agent_of(const request_words& words) {
  return words.user_agent.empty() ? "sampan/" SAMPAN_VERSION : words.user_agent;
}

std::string authority(const get_source& source, bool with_port) {
  const bool v6_literal = source.host.find(':') != std::string::npos;
  const std::string host = v6_literal ? '[' + source.host.substr(0, source.host.find('%')) + ']' : source.host;
  return with_port ? host + ':' + std::to_string(source.port) : host;
}

}  // namespace

std::string host_field(const get_source& source) {
  constexpr std::uint16_t http_port = 80;
  constexpr std::uint16_t https_port = 443;
  return authority(source, source.port != (source.tls ? https_port : http_port));
}

std::string basic_credentials(std::string_view user, std::string_view password) {
  return "Basic " + text::base64_encode(std::string(user) + ':' + std::string(password));
}

std::string write_request(const get_source& source, const request& what, const request_words& words) {
  std::string made = what.head ? "HEAD " : "GET ";
  if (words.by_proxy) made += "http://" + host_field(source);
  made += source.request_target + " HTTP/1.1\r\n";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty() && !has(words.fields, name)) made.append(name).append(": ").append(value).append("\r\n");
  };
  add("Host", host_field(source));
  add("User-Agent", agent_of(words));
  add("Accept", "*/*");
  add("Accept-Encoding", "identity");
  add("Authorization", words.authorization);
  add("Proxy-Authorization", words.proxy_authorization);
  if (words.want_digest) add("Want-Repr-Digest", "sha-256=10, sha-512=5");
  if (what.range) add("Range", range_value(*what.range));
  add("If-Range", what.if_range);
  for (const auto& field : words.fields) made += field + "\r\n";
  return made + "\r\n";
}

std::string write_connect(const get_source& source, const request_words& words) {
  const std::string place = authority(source, true);
  std::string made = "CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\nUser-Agent: " + agent_of(words) + "\r\n";
  if (!words.proxy_authorization.empty()) made += "Proxy-Authorization: " + words.proxy_authorization + "\r\n";
  return made + "\r\n";
}

}  // namespace sampan::client
