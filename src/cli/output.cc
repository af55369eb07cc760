#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace sampan::cli {

result<void> write_out(std::string_view text, int interrupt_fd) {
  net::patience limits;
  limits.interrupt_fd = interrupt_fd;
  return write_out(text, limits);
}

result<void> write_out(std::string_view text, const net::patience& limits) {
  while (!text.empty()) {
    const auto waited = net::wait_for(STDOUT_FILENO, POLLOUT, limits);
    if (waited == net::waited::interrupted) return error::make(errc::interrupted, "write to", "stdout");
    if (waited == net::waited::timeout) return error::make(errc::reply_timeout, "write to", "stdout");
    // A pipe that polls as writable takes PIPE_BUF bytes without blocking; of more it might take a part and then block.
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno != EINTR && errno != EAGAIN) return error::system(errno, "write to", "stdout");
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

bool is_closed_pipe(const error& what) { return what.is_system(EPIPE); }

}  // namespace sampan::cli
