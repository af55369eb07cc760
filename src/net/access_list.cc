#include "net/access_list.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sampan::net {

namespace {

constexpr int bits_of_mapping = 96;  // RFC 4291 2.5.5.2: ::ffff:0:0/96 holds IPv4

std::array<unsigned char, 16> as_v6(const address& one) {
  std::array<unsigned char, 16> bytes{};
  if (one.family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, one.data(), sizeof v6);
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  } else {
    sockaddr_in v4{};
    std::memcpy(&v4, one.data(), sizeof v4);
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(bytes.data() + 12, &v4.sin_addr, 4);
  }
  return bytes;
}

}  // namespace

network::network(const address& one) : prefix_(as_v6(one)) {}

result<network> network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto ip = address::from_ip(text.substr(0, slash), 0);
  if (!ip) return error::make(errc::bad_address, "read", text);
  network made(*ip);
  if (slash == std::string_view::npos) return made;
  const int before = ip->family() == AF_INET ? bits_of_mapping : 0;
  const std::string_view length = text.substr(slash + 1);
  int bits = 0;
  const auto [end, bad] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (bad != std::errc() || end != length.data() + length.size() || bits < 0 || before + bits > 128) {
    return error::make(errc::bad_address, "read", text);
  }
  made.bits_ = before + bits;
  return made;
}

bool network::contains(const address& one) const noexcept {
  const auto bytes = as_v6(one);
  const auto whole = static_cast<std::size_t>(bits_ / 8);
  if (!std::equal(bytes.begin(), bytes.begin() + whole, prefix_.begin())) return false;
  if (bits_ % 8 == 0) return true;
  const auto mask = static_cast<unsigned>(0xff00 >> bits_ % 8) & 0xffU;
  return (bytes[whole] & mask) == (prefix_[whole] & mask);
}

bool access_list::admits(const address& one) const noexcept {
  const auto holds = [&one](const network& n) { return n.contains(one); };
  if (std::any_of(denied.begin(), denied.end(), holds)) return false;
  return allowed.empty() || std::any_of(allowed.begin(), allowed.end(), holds);
}

result<void> add_networks(std::vector<network>& list, std::string_view words, const patience& until) {
  constexpr std::string_view between = " \t\r\n,";
  for (std::size_t at = 0; (at = words.find_first_not_of(between, at)) != std::string_view::npos;) {
    const std::string_view word = words.substr(at, words.find_first_of(between, at) - at);
    at += word.size();
    if (auto one = network::parse(word)) {
      list.push_back(*one);
      continue;
    }
    if (word.find('/') != std::string_view::npos) return error::make(errc::bad_address, "read", word);
    const auto found = resolve({std::string(word), 0}, until);
    if (!found) return found.error();
    for (const address& one : *found) list.emplace_back(one);
  }
  return {};
}

}  // namespace sampan::net
