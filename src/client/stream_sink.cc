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

result<std::size_t> stream_sink::read(std::uint64_t offset, std::span<char> into) {
  const std::uint64_t first = readable_from();
  if (offset < first || offset >= written_) return 0;
  return tail_.copy(into.data(), into.size(), static_cast<std::size_t>(offset - first));
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
    remember(bytes.first(static_cast<std::size_t>(done)));
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

void stream_sink::remember(std::span<const char> bytes) {
  constexpr std::size_t most = 64 * 1024;  // what a lane compares before it joins
  if (bytes.size() > most) bytes = bytes.last(most);
  if (tail_.size() + bytes.size() > most) tail_.erase(0, tail_.size() + bytes.size() - most);
  tail_.append(bytes.data(), bytes.size());
}

intervals stream_sink::held() const {
  intervals made;
  if (written_ > 0) made.add({0, written_});
  return made;
}

}  // namespace sampan::client
