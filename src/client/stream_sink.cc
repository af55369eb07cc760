#include "client/stream_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "net/wait.h"

namespace sampan::client {

result<std::unique_ptr<sink>> stream_sink::open(const std::string& path, int fd) {
  auto made = std::make_unique<stream_sink>();
  made->path_ = path;
  made->fd_ = base::unique_fd(fd >= 0 ? dup(fd) : ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!made->fd_) return error::system(errno, "open", path);
  return std::unique_ptr<sink>(std::move(made));
}

bool stream_sink::is_stream(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

result<void> stream_sink::write(std::uint64_t, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const auto done = ::write(fd_.get(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EAGAIN) {
      net::wait_for(fd_.get(), POLLOUT, {});  // made non-blocking by whoever shares it
      continue;
    }
    if (done < 0) return error::system(errno, "write", path_);
    written_ += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

intervals stream_sink::held() const {
  intervals made;
  if (written_ > 0) made.add({0, written_});
  return made;
}

}  // namespace sampan::client
