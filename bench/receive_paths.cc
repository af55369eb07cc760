// Ways to move a connection's bytes into a file, and portions to send one in. Compiled and run by receive.py.
//
// receive_paths WAY OUT SIZE FILE CHUNK: a child sends FILE, repeated until SIZE bytes are out, with sendfile(2) in turns of
// CHUNK bytes; this process receives them in one of the WAYs below and writes them into OUT (not with `discard`). Prints
// the CPU seconds of the receiver, those of the sender, and the wall seconds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t portion = 1 << 20;
constexpr int low_water = 512 * 1024;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

template <class Number>
Number good(Number result, const char* what) {
  if (result < 0) die(what);
  return result;
}

// Away from the other end, where there are two cores.
void pin(bool last) {
  cpu_set_t allowed;
  good(sched_getaffinity(0, sizeof allowed, &allowed), "sched_getaffinity");
  int chosen = -1;
  for (int i = 0; i < CPU_SETSIZE && (last || chosen < 0); ++i) {
    if (CPU_ISSET(i, &allowed)) chosen = i;
  }
  CPU_ZERO(&allowed);
  CPU_SET(chosen, &allowed);
  good(sched_setaffinity(0, sizeof allowed, &allowed), "sched_setaffinity");
}

double cpu_of(int who) {
  rusage used{};
  good(getrusage(who, &used), "getrusage");
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// --- sending: a turn of an event loop as `sampan serve` has it, with one connection ---------------------------------

[[noreturn]] void send_all(const sockaddr_in& where, const char* path, std::uint64_t size, std::uint64_t chunk) {
  pin(false);
  const int file = good(open(path, O_RDONLY), path);
  struct stat about {};
  good(fstat(file, &about), path);
  const int socket_ = good(socket(AF_INET, SOCK_STREAM, 0), "socket");
  good(connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where), "connect");
  good(fcntl(socket_, F_SETFL, O_NONBLOCK), "fcntl");
  const int loop = good(epoll_create1(0), "epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  good(epoll_ctl(loop, EPOLL_CTL_ADD, socket_, &event), "epoll_ctl");
  off_t at = 0;
  while (size > 0) {
    bool full = false;
    for (std::uint64_t budget = std::min(chunk, size); budget > 0 && !full;) {
      if (at == about.st_size) at = 0;
      const auto length = std::min<std::uint64_t>(budget, static_cast<std::uint64_t>(about.st_size - at));
      const auto sent = sendfile(socket_, file, &at, length);
      if (sent < 0 && errno != EAGAIN) die("sendfile");
      if (sent == 0) std::_Exit(1);
      full = sent < 0;
      if (full) continue;
      budget -= static_cast<std::uint64_t>(sent);
      size -= static_cast<std::uint64_t>(sent);
    }
    good(epoll_wait(loop, &event, 1, full ? -1 : 0), "epoll_wait");
  }
  shutdown(socket_, SHUT_WR);
  std::_Exit(0);
}

// --- receiving ------------------------------------------------------------------------------------------------------

void wait_for(int socket_) {
  pollfd one{socket_, POLLIN, 0};
  good(poll(&one, 1, -1), "poll");
}

void set_low_water(int socket_) {
  good(setsockopt(socket_, SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water), "SO_RCVLOWAT");
}

void write_all(int out, const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto put = good(write(out, bytes, size), "write");
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
}

std::uint64_t by_splice(int socket_, int out, std::size_t pipe_size, bool low_watered) {
  if (low_watered) set_low_water(socket_);
  int ends[2];
  good(pipe(ends), "pipe");
  good(fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(pipe_size)), "F_SETPIPE_SZ");
  std::uint64_t total = 0;
  for (;;) {
    auto got = splice(socket_, nullptr, ends[1], nullptr, pipe_size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got == 0) return total;
    if (got < 0 && errno != EAGAIN) die("splice");
    if (got < 0) wait_for(socket_);
    if (got > 0) total += static_cast<std::uint64_t>(got);
    while (got > 0)
      got -= good(splice(ends[0], nullptr, out, nullptr, static_cast<std::size_t>(got), SPLICE_F_MOVE), "splice");
  }
}

std::uint64_t by_pwrite(int socket_, int out) {
  set_low_water(socket_);
  std::vector<char> buffer(portion);
  std::uint64_t total = 0;
  for (;;) {
    const auto got = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0) return total;
    if (got < 0 && errno != EAGAIN) die("recv");
    if (got < 0) wait_for(socket_);
    for (ssize_t put = 0; put < got;) {
      const auto done = good(
          pwrite(out, buffer.data() + put, static_cast<std::size_t>(got - put), static_cast<off_t>(total)), "pwrite");
      put += done;
      total += static_cast<std::uint64_t>(done);
    }
  }
}

std::uint64_t by_write(int socket_, int out) {
  std::vector<char> buffer(256 * 1024);
  std::uint64_t total = 0;
  while (const auto got = good(recv(socket_, buffer.data(), buffer.size(), 0), "recv")) {
    write_all(out, buffer.data(), static_cast<std::size_t>(got));
    total += static_cast<std::uint64_t>(got);
  }
  return total;
}

std::uint64_t by_discarding(int socket_) {
  std::uint64_t total = 0;
  while (const auto got = good(recv(socket_, nullptr, portion, MSG_TRUNC), "recv"))
    total += static_cast<std::uint64_t>(got);
  return total;
}

std::uint64_t receive(std::string_view way, int socket_, int out) {
  if (way == "splice") return by_splice(socket_, out, portion, true);
  if (way == "splice-64k") return by_splice(socket_, out, 64 * 1024, true);
  if (way == "splice-no-lowat") return by_splice(socket_, out, portion, false);
  if (way == "pwrite") return by_pwrite(socket_, out);
  if (way == "write") return by_write(socket_, out);
  if (way == "discard") return by_discarding(socket_);
  std::fputs("receive_paths: unknown way\n", stderr);
  std::_Exit(2);
}

}  // namespace

int main(int count, char** words) {
  if (count != 6) return 2;
  const std::uint64_t size = std::strtoull(words[3], nullptr, 10);
  const std::uint64_t chunk = std::strtoull(words[5], nullptr, 10);
  if (size == 0 || chunk == 0) return 2;
  const int listener = good(socket(AF_INET, SOCK_STREAM, 0), "socket");
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  good(bind(listener, reinterpret_cast<sockaddr*>(&where), sizeof where), "bind");
  good(listen(listener, 1), "listen");
  socklen_t length = sizeof where;
  good(getsockname(listener, reinterpret_cast<sockaddr*>(&where), &length), "getsockname");
  if (good(fork(), "fork") == 0) send_all(where, words[4], size, chunk);

  pin(true);
  const int out = good(open(words[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), words[2]);
  const int socket_ = good(accept(listener, nullptr, nullptr), "accept");
  const double before = cpu_of(RUSAGE_SELF);
  const auto began = std::chrono::steady_clock::now();
  const auto got = receive(words[1], socket_, out);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  const double receiver = cpu_of(RUSAGE_SELF) - before;
  int status = 0;
  good(wait(&status), "wait");
  if (got != size || status != 0) return 1;
  std::printf("%.6f %.6f %.6f\n", receiver, cpu_of(RUSAGE_CHILDREN), wall.count());
}
