// UDP for a server: one socket an address, its datagrams told apart by who sent them.
#pragma once

#include <array>
#include <functional>
#include <string_view>

#include "base/unique_fd.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/tcp_stream.h"

namespace sampan::net {

/// What fits into one datagram over IPv4 (RFC 768: 16 bits of length, less 8 and 20 bytes of headers).
inline constexpr std::size_t longest_datagram = 65'507;

/// A bound socket on a loop. Thread: the loop's.
class datagram_door final : public handler {
 public:
  using on_datagram = std::function<void(datagram_door&, const address& from, std::string_view)>;
  /// @param socket    bound, non-blocking
  /// @param take      may be called for many in a turn; the bytes are good until it returns
  /// @param writable  what send() could not send may be tried again
  datagram_door(loop& where, base::unique_fd socket, on_datagram take, std::function<void()> writable);
  ~datagram_door() override;

  /// One datagram, whole or not at all. @param bytes  at most longest_datagram
  moved send(const address& to, std::string_view bytes) noexcept;

 private:
  void on_ready(std::uint32_t events) override;
  bool take_one();

  loop& loop_;
  base::unique_fd socket_;
  on_datagram take_;
  std::function<void()> writable_;
  std::array<char, 64 * 1024> scratch_;
};

}  // namespace sampan::net
