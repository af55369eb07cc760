#include "http/host.h"

#include <algorithm>

#include "http/characters.h"
#include "text/hex.h"

namespace sampan::http {

namespace {

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) noexcept { return text::hex_value(c) >= 0; }

// RFC 3986 2.2, 2.3: unreserved, without the dot, and sub-delims.
constexpr bool is_label_byte(char c) noexcept {
  return is_digit(c) || is_letter(c) || std::string_view("-_~!$&'()*+,;=").find(c) != std::string_view::npos;
}

// A decimal number without a sign, at most `most`.
bool is_number(std::string_view text, unsigned most) noexcept {
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
    if (value > most) return false;
  }
  return !text.empty();
}

bool is_label(std::string_view label) noexcept {
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (is_label_byte(label[i])) continue;
    if (label[i] != '%' || label.size() - i < 3 || !is_hex(label[i + 1]) || !is_hex(label[i + 2])) return false;
    i += 2;
  }
  return !label.empty();
}

bool is_name(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  for (;;) {
    const auto dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == host.npos) return true;
    host.remove_prefix(dot + 1);
  }
}

bool is_ipv4(std::string_view text) noexcept {
  constexpr int bytes = 4;
  for (int i = 1; i <= bytes; ++i) {
    const auto end = i < bytes ? text.find('.') : text.size();
    if (end == text.npos) return false;
    const auto part = text.substr(0, end);
    const bool padded = part.size() > 1 && part[0] == '0';
    if (padded || !is_number(part, 255)) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

bool is_ipv6(std::string_view text) noexcept {
  constexpr int all_groups = 8;
  int groups = 0;
  bool compressed = text.starts_with("::");
  if (compressed) text.remove_prefix(2);
  while (!text.empty()) {
    const auto group = text.substr(0, text.find(':'));
    text.remove_prefix(group.size());
    const bool is_last = text.empty();
    const bool is_hextet = !group.empty() && group.size() <= 4 && std::all_of(group.begin(), group.end(), is_hex);
    if (!is_hextet && !(is_last && is_ipv4(group))) return false;
    groups += is_hextet ? 1 : 2;
    if (is_last) break;
    text.remove_prefix(1);
    if (text.empty()) return false;  // a single colon at the end
    if (text[0] != ':') continue;
    if (compressed) return false;
    compressed = true;
    text.remove_prefix(1);
  }
  return compressed ? groups < all_groups : groups == all_groups;
}

}  // namespace

bool is_valid_host(std::string_view text) noexcept {
  if (text.empty()) return true;
  std::size_t host_end = std::min(text.find(':'), text.size());
  if (text[0] == '[') {
    const auto bracket = text.find(']');
    if (bracket == text.npos || !is_ipv6(text.substr(1, bracket - 1))) return false;
    host_end = bracket + 1;
  } else if (!is_name(text.substr(0, host_end))) {
    return false;
  }
  const auto port = text.substr(host_end);
  constexpr unsigned largest_port = 65'535;
  return port.empty() || port == ":" || (port[0] == ':' && is_number(port.substr(1), largest_port));
}

}  // namespace sampan::http
