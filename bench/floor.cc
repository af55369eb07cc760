// The least an HTTP server on one epoll loop can cost: no parser, no file, one canned answer. Compiled and run by http.py.
//
// floor PORT BYTES: listens on 127.0.0.1 and answers everything that ends like a request's head with the same BYTES of body. It
// expects a head in one segment, which its only client, _load, sends.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int backlog = 4096;
constexpr int events_a_turn = 512;
constexpr std::size_t longest_head = 4096;

struct connection {
  std::size_t left = 0;  // bytes of the answer that the socket did not take yet
  bool ends = false;     // closed after the answer
  bool stuck = false;    // waits until the socket takes more
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

int listening(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<in_port_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 || listen(fd, backlog) < 0)
    die("listen");
  return fd;
}

class floor_server {
 public:
  floor_server(int port, std::size_t bytes)
      : answer_("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x')),
        listener_(listening(port)) {
    if (loop_ < 0) die("epoll_create1");
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> events(events_a_turn);
    for (;;) {
      const int count = epoll_wait(loop_, events.data(), events_a_turn, -1);
      for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_)
          accept_all();
        else if ((event.events & EPOLLOUT) != 0)
          send_rest(event.data.fd);
        else
          receive(event.data.fd);
      }
    }
  }

 private:
  void watch(int operation, int fd, unsigned for_what) const {
    epoll_event event{};
    event.events = for_what;
    event.data.fd = fd;
    if (epoll_ctl(loop_, operation, fd, &event) < 0) die("epoll_ctl");
  }

  void accept_all() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      // What every server measured here does: the last segment of a long answer must not wait for an acknowledgement.
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(EPOLL_CTL_ADD, fd, EPOLLIN);
      if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(static_cast<std::size_t>(fd) + 1);
      connections_[static_cast<std::size_t>(fd)] = {};
    }
  }

  void receive(int fd) {
    char head[longest_head];
    const auto got = recv(fd, head, sizeof head, 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) close(fd);
      return;
    }
    const std::string_view request(head, static_cast<std::size_t>(got));
    if (!request.ends_with("\r\n\r\n")) die("a head in pieces");
    auto& connection = connections_[static_cast<std::size_t>(fd)];
    connection.left = answer_.size();
    connection.ends = request.find("\r\nConnection: close\r\n") != std::string_view::npos;
    send_rest(fd);
  }

  void send_rest(int fd) {
    auto& connection = connections_[static_cast<std::size_t>(fd)];
    const auto sent = send(fd, answer_.data() + (answer_.size() - connection.left), connection.left, MSG_NOSIGNAL);
    if (sent > 0) connection.left -= static_cast<std::size_t>(sent);
    if ((sent < 0 && errno != EAGAIN) || (connection.left == 0 && connection.ends)) {
      close(fd);
    } else if (connection.stuck != (connection.left > 0)) {
      connection.stuck = !connection.stuck;
      watch(EPOLL_CTL_MOD, fd, connection.stuck ? EPOLLOUT : EPOLLIN);
    }
  }

  std::string answer_;
  int listener_;
  int loop_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<connection> connections_;  // by descriptor
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  floor_server(std::atoi(argv[1]), static_cast<std::size_t>(std::atoll(argv[2]))).run();
}
