#include "talk/input.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "net/wait.h"
#include "sampan/error.h"

namespace sampan::talk {

namespace {
constexpr std::size_t piece_bytes = 16 * 1024;  // four times what a terminal line can hold, a quarter of a pipe
}

input::input(int fd, std::function<void(std::string)> deliver)
    : fd_(fd), deliver_(std::move(deliver)), wake_(eventfd(0, EFD_CLOEXEC)) {
  if (!wake_) throw failure(error::system(errno, "create", "eventfd"));
  thread_ = std::thread([this] { read_on(); });
}

input::~input() {
  stopping_ = true;
  allowed_.release();
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

bool input::wait_for_bytes() const {
  net::patience limits;
  limits.interrupt_fd = wake_.get();
  return net::wait_for(fd_, POLLIN, limits) == net::waited::ready;
}

void input::read_on() {
  std::array<char, piece_bytes> piece;
  for (;;) {
    allowed_.acquire();
    if (stopping_ || !wait_for_bytes()) return;
    const ssize_t got = ::read(fd_, piece.data(), piece.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
      allowed_.release();
      continue;
    }
    if (got <= 0) return;  // an input that fails is an input that has ended: the server goes on
    deliver_(std::string(piece.data(), static_cast<std::size_t>(got)));
  }
}

}  // namespace sampan::talk
