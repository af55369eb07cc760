#include "net/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace sampan::net {

namespace {

// The kernel has no readiness for the room in a listener's queue: it is asked again after so long.
constexpr std::chrono::milliseconds full_queue_pause{50};

result<sockaddr_un> name_of(const std::string& path, const char* operation) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path || path.find('\0') != std::string::npos) {
    return error::make(errc::bad_name, operation, path);
  }
  path.copy(name.sun_path, path.size());
  return name;
}

// errno of one try; 0: connected.
int try_connect(int fd, const sockaddr_un& name) {
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
}

base::unique_fd new_socket() { return base::unique_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// Whether the path is a socket that refuses connections: what a listener that was killed leaves behind.
bool is_stale(const sockaddr_un& name) {
  struct stat about {};
  if (lstat(name.sun_path, &about) != 0 || !S_ISSOCK(about.st_mode)) return false;
  const base::unique_fd probe = new_socket();
  return probe && try_connect(probe.get(), name) == ECONNREFUSED;
}

}  // namespace

void remove_unix(const std::string& path) noexcept {
  struct stat about {};
  if (lstat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode)) unlink(path.c_str());
}

result<base::unique_fd> connect_unix(const std::string& path, const patience& until) {
  const auto name = name_of(path, "connect to");
  if (!name) return name.error();
  base::unique_fd fd = new_socket();
  if (!fd) return error::system(errno, "open a socket for", path);
  for (;;) {
    const int number = try_connect(fd.get(), *name);
    if (number == 0) return fd;
    if (number != EAGAIN) return error::system(number, "connect to", path);
    if (std::chrono::steady_clock::now() >= until.until) return error::make(errc::connect_timeout, "connect to", path);
    const auto pause = patience::lasting(full_queue_pause, until.interrupt_fd);
    if (wait_for(-1, 0, pause) == waited::interrupted) return error::make(errc::interrupted, "connect to", path);
  }
}

result<base::unique_fd> listen_unix(const std::string& path, int backlog) {
  const auto name = name_of(path, "listen on");
  if (!name) return name.error();
  base::unique_fd fd = new_socket();
  if (!fd) return error::system(errno, "open a socket for", path);
  const auto bind_it = [&] {
    return bind(fd.get(), reinterpret_cast<const sockaddr*>(&*name), sizeof *name) == 0 ? 0 : errno;
  };
  int number = bind_it();
  if (number == EADDRINUSE && is_stale(*name) && unlink(name->sun_path) == 0) number = bind_it();
  if (number == EADDRINUSE) return error::make(errc::port_in_use, "listen on", path);
  if (number != 0 || listen(fd.get(), backlog) != 0)
    return error::system(number != 0 ? number : errno, "listen on", path);
  return fd;
}

}  // namespace sampan::net
