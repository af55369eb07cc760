#include "net/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "base/unique_fd.h"

namespace sampan::net {

address::address() noexcept {
  std::memset(&storage_, 0, sizeof storage_);
  storage_.v4.sin_family = AF_INET;
}

result<address> address::from_ip(std::string_view text, std::uint16_t port) {
  address made;
  const std::string copy(text);
  if (inet_pton(AF_INET, copy.c_str(), &made.storage_.v4.sin_addr) == 1) {
    made.set_port(port);
    return made;
  }
  const auto percent = copy.find('%');
  const std::string bare = copy.substr(0, percent);
  made.storage_.v6.sin6_family = AF_INET6;
  if (inet_pton(AF_INET6, bare.c_str(), &made.storage_.v6.sin6_addr) == 1) {
    made.set_port(port);
    if (percent == std::string::npos) return made;
    made.storage_.v6.sin6_scope_id = if_nametoindex(copy.c_str() + percent + 1);
    if (made.storage_.v6.sin6_scope_id != 0) return made;
  }
  return error::make(errc::bad_address, "read the address", text);
}

address address::from_system(const sockaddr* from, socklen_t length) noexcept {
  address made;
  if (from->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    std::memcpy(&made.storage_, from, sizeof(sockaddr_in));
  } else if (from->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    std::memcpy(&made.storage_, from, sizeof(sockaddr_in6));
  }
  return made;
}

address address::any_v4(std::uint16_t port) noexcept {
  address made;
  made.set_port(port);
  return made;
}

address address::any_v6(std::uint16_t port) noexcept {
  address made;
  made.storage_.v6.sin6_family = AF_INET6;
  made.set_port(port);
  return made;
}

// The port lies at the same place in both forms.
std::uint16_t address::port() const noexcept { return ntohs(storage_.v4.sin_port); }
void address::set_port(std::uint16_t port) noexcept { storage_.v4.sin_port = htons(port); }

socklen_t address::size() const noexcept { return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }

std::span<const unsigned char> address::ip_bytes() const noexcept {
  if (family() == AF_INET6) return storage_.v6.sin6_addr.s6_addr;
  return {reinterpret_cast<const unsigned char*>(&storage_.v4.sin_addr), sizeof storage_.v4.sin_addr};
}

void address::append_ip(std::string& out) const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &storage_.v4.sin_addr, text, sizeof text);
    out += text;
    return;
  }
  inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text, sizeof text);
  out += text;
  char zone[IF_NAMESIZE] = "";
  if (storage_.v6.sin6_scope_id != 0 && if_indextoname(storage_.v6.sin6_scope_id, zone)) (out += '%') += zone;
}

std::string address::ip() const {
  std::string text;
  append_ip(text);
  return text;
}

void address::append_to(std::string& out) const {
  const bool is_v6 = family() == AF_INET6;
  if (is_v6) out += '[';
  append_ip(out);
  out += is_v6 ? "]:" : ":";
  out += std::to_string(port());
}

std::string address::to_string() const {
  std::string text;
  append_to(text);
  return text;
}

result<std::uint16_t> parse_port(std::string_view text, std::uint16_t lowest) {
  std::uint16_t port = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (bad != std::errc() || end != text.data() + text.size() || port < lowest) {
    return error::make(errc::bad_port, "read the port", text);
  }
  return port;
}

result<void> check_host(std::string_view text) {
  constexpr std::size_t longest_name = 253;  // RFC 1035 2.3.4, without the root dot
  constexpr std::string_view name_bytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (address::from_ip(text, 0)) return {};
  const bool name = !text.empty() && text.size() <= longest_name && text.front() != '-' && text.front() != '.' &&
                    text.find_first_not_of(name_bytes) == text.npos && text.find("..") == text.npos;
  // RFC 3696 2: a last label of digits alone marks an address.
  const auto label = text.substr(text.rfind('.') + 1);
  if (!name || label.find_first_not_of("0123456789") == label.npos) {
    return error::make(errc::bad_address, "read the address", text);
  }
  return {};
}

std::vector<address> own_addresses() {
  std::vector<address> found;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return found;
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr) continue;
    if (one->ifa_addr->sa_family == AF_INET) found.push_back(address::from_system(one->ifa_addr, sizeof(sockaddr_in)));
    if (one->ifa_addr->sa_family == AF_INET6)
      found.push_back(address::from_system(one->ifa_addr, sizeof(sockaddr_in6)));
  }
  freeifaddrs(list);
  return found;
}

result<endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    const auto rest = close == text.npos ? text : text.substr(close + 1);
    if (close == text.npos || (!rest.empty() && rest.front() != ':')) {
      return error::make(errc::bad_address, "read the address", text);
    }
    host = text.substr(1, close - 1);
    has_port = !rest.empty();
    port = has_port ? rest.substr(1) : rest;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(host.size() + 1);
    has_port = true;
  }
  if (auto good = check_host(host); !good) return good.error();
  if (!has_port) return endpoint{std::string(host), default_port};
  const auto number = parse_port(port);
  if (!number) return number.error();
  return endpoint{std::string(host), *number};
}

std::string endpoint::to_string() const {
  const bool v6_literal = host.find(':') != host.npos;
  return (v6_literal ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

namespace {

int system_family(ip_family family) {
  switch (family) {
    case ip_family::any: break;
    case ip_family::v4: return AF_INET;
    case ip_family::v6: return AF_INET6;
  }
  return AF_UNSPEC;
}

// Shared with the resolver's thread, which may outlive the one who asked.
struct question {
  base::unique_fd answered{eventfd(0, EFD_CLOEXEC)};
  std::mutex mutex;
  int failed = EAI_AGAIN;
  std::vector<address> found;
};

void ask(const std::shared_ptr<question>& asked, const endpoint& where, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int failed = getaddrinfo(where.host.c_str(), nullptr, &hints, &list);
  {
    const std::lock_guard lock(asked->mutex);
    asked->failed = failed;
    for (const addrinfo* one = list; one; one = one->ai_next) {
      asked->found.push_back(address::from_system(one->ai_addr, one->ai_addrlen));
      asked->found.back().set_port(where.port);
    }
  }
  if (list) freeaddrinfo(list);
  eventfd_write(asked->answered.get(), 1);
}

}  // namespace

result<std::vector<address>> resolve(const endpoint& where, const patience& until, ip_family family) {
  const int wanted = system_family(family);
  if (auto literal = address::from_ip(where.host, where.port)) {
    if (wanted == AF_UNSPEC || literal->family() == wanted) return std::vector{*literal};
    return error::numbered(errc::resolve_failed, EAI_ADDRFAMILY, "resolve", where.host);
  }
  if (auto good = check_host(where.host); !good) return good.error();
  auto asked = std::make_shared<question>();
  std::thread(ask, asked, where, wanted).detach();
  switch (wait_for(asked->answered.get(), POLLIN, until)) {
    case waited::timeout: return error::make(errc::connect_timeout, "resolve", where.host);
    case waited::interrupted: return error::make(errc::interrupted, "resolve", where.host);
    case waited::ready: break;
  }
  const std::lock_guard lock(asked->mutex);
  if (asked->failed != 0 || asked->found.empty()) {
    return error::numbered(errc::resolve_failed, asked->failed != 0 ? asked->failed : EAI_NONAME, "resolve",
                           where.host);
  }
  return std::move(asked->found);
}

}  // namespace sampan::net
