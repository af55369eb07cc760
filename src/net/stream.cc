#include "net/stream.h"

namespace sampan::net {

namespace {

class plain_stream final : public stream {
 public:
  explicit plain_stream(base::unique_fd socket) noexcept : socket_(std::move(socket)) {}

  int fd() const noexcept override { return socket_.fd(); }
  moved receive(std::span<char> into) noexcept override { return socket_.receive(into); }
  moved send(std::string_view bytes) noexcept override { return socket_.send(bytes); }
  short waits_for(short wanted) const noexcept override { return wanted; }
  bool is_plain() const noexcept override { return true; }
  void close() noexcept override { socket_.close(); }

 private:
  tcp_stream socket_;
};

}  // namespace

std::unique_ptr<stream> plain(base::unique_fd socket) { return std::make_unique<plain_stream>(std::move(socket)); }

}  // namespace sampan::net
