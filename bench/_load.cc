// An HTTP load generator that is cheaper than the servers it drives. Compiled and run by _load.py.
//
// _load WORD=VALUE...: a closed loop, that is each connection sends its next request when its answer is complete. Bodies are
// discarded in the kernel (MSG_TRUNC). Anything but the expected answer ends it with a message and status 1: another
// status, another length, bytes after the answer, a connection that ends early, 10 s in which nothing happens.
//   port, connections, sources (addresses 127.0.0.1 to .N to connect from)
//   path, body (bytes that must come; with `range` of each range)
//   files=N        asks for /FF/NNNNNN of N files in random order instead of `path`
//   range=1        asks for `body` bytes from anywhere in `size`, and expects 206
//   close=1        each request on a connection of its own that the server closes
//   warm=1         each connection is used once before the measured time
//   seconds, requests   when to stop sending, whichever comes first; seed
// Prints `ready`, waits for a line on stdin (its end: leaves), runs, and prints one JSON object about the run: requests, bytes of
// their bodies, reconnects, wall and CPU seconds of its own.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::size_t head_portion = 4096;  // holds any of these heads; what is beyond a head is not worth copying
constexpr std::size_t body_portion = 1 << 20;
constexpr int events_a_turn = 512;
constexpr int patience_ms = 10'000;
constexpr unsigned folders = 100;  // of `files`

template <class... Words>
[[noreturn]] void die(const char* form, Words... words) {
  std::fprintf(stderr, form, words...);
  std::fputc('\n', stderr);
  std::_Exit(1);
}

std::uint64_t good(std::int64_t result, const char* what) {
  if (result < 0) die("%s: %s", what, std::strerror(errno));
  return static_cast<std::uint64_t>(result);
}

struct settings {
  std::uint64_t port = 0, connections = 1, sources = 1, body = 0, files = 0, size = 0, requests = 0, seed = 1;
  bool range = false, close = false, warm = false;
  double seconds = 3600;
  std::string path = "/";
};

settings read_settings(int argc, char** argv) {
  settings given;
  const std::map<std::string_view, std::uint64_t settings::*> numbers{
      {"port", &settings::port},       {"connections", &settings::connections},
      {"sources", &settings::sources}, {"body", &settings::body},
      {"files", &settings::files},     {"size", &settings::size},
      {"seed", &settings::seed},       {"requests", &settings::requests}};
  const std::map<std::string_view, bool settings::*> switches{
      {"range", &settings::range}, {"close", &settings::close}, {"warm", &settings::warm}};
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto equals = std::min(word.find('='), word.size() - 1);
    const auto name = word.substr(0, equals);
    const std::string value(word.substr(equals + 1));
    if (const auto number = numbers.find(name); number != numbers.end())
      given.*number->second = std::stoull(value);
    else if (const auto flag = switches.find(name); flag != switches.end())
      given.*flag->second = value == "1";
    else if (name == "seconds")
      given.seconds = std::stod(value);
    else if (name == "path")
      given.path = value;
    else
      die("unknown word %s", argv[i]);
  }
  return given;
}

// The text of one request after the other.
class requests {
 public:
  explicit requests(const settings& given) : given_(given), random_(given.seed), order_(given.files) {
    std::iota(order_.begin(), order_.end(), 0);
    std::shuffle(order_.begin(), order_.end(), random_);
    fixed_ = " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(given.port) + "\r\n";
    if (given.close) fixed_ += "Connection: close\r\n";
  }

  const std::string& next() {
    char text[80];
    text_ = "GET ";
    if (order_.empty()) {
      text_ += given_.path;
    } else {
      const auto file = order_[at_++ % order_.size()];
      std::snprintf(text, sizeof text, "/%02u/%06u", file % folders, file);
      text_ += text;
    }
    text_ += fixed_;
    if (given_.range) {
      const auto first = std::uniform_int_distribution<std::uint64_t>(0, given_.size - given_.body)(random_);
      std::snprintf(text, sizeof text, "Range: bytes=%llu-%llu\r\n", static_cast<unsigned long long>(first),
                    static_cast<unsigned long long>(first + given_.body - 1));
      text_ += text;
    }
    return text_ += "\r\n";
  }

 private:
  const settings& given_;
  std::mt19937_64 random_;
  std::vector<unsigned> order_;
  std::size_t at_ = 0;
  std::string fixed_, text_;
};

// What is needed of a head. `length` is -1 without Content-Length.
struct head {
  int status = 0;
  std::int64_t length = -1;
  bool close = false;
};

// The value of a line of that name, or nothing. Names are the same in any case (RFC 9110 5.1).
std::string_view value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':' || strncasecmp(line.data(), name.data(), name.size()) != 0)
    return {};
  const auto at = line.find_first_not_of(' ', name.size() + 1);
  return at == std::string_view::npos ? std::string_view{} : line.substr(at);
}

head parse(std::string_view text) {
  constexpr std::string_view version = "HTTP/1.1 ";
  head result;
  if (!text.starts_with("HTTP/1.")) die("not HTTP/1");
  std::from_chars(text.data() + version.size(), text.data() + text.size(), result.status);
  for (auto end = text.find("\r\n"); end + 2 < text.size();) {
    const auto next = text.find("\r\n", end + 2);
    const auto line = text.substr(end + 2, next - end - 2);
    end = next;
    if (const auto digits = value(line, "Content-Length"); !digits.empty())
      std::from_chars(digits.data(), digits.data() + digits.size(), result.length);
    else if (value(line, "Connection") == "close")
      result.close = true;
  }
  return result;
}

struct connection {
  int fd = -1;
  std::uint32_t number = 0;
  enum { idle, head, body, end } waits_for = idle;
  bool closes = false;
  std::uint64_t left = 0;
  std::string begun;  // a head's first bytes, when it comes in pieces
};

class load {
 public:
  explicit load(const settings& given)
      : given_(given), requests_(given), connections_(given.connections), buffer_(body_portion) {
    good(loop_, "epoll_create1");
    for (std::uint32_t i = 0; i < connections_.size(); ++i) {
      connections_[i].number = i;
      if (!given.close) open(connections_[i]);
    }
  }

  // Sends until `budget` requests are out or the time is over, and waits for their answers.
  void run(std::uint64_t budget, double seconds) {
    budget_ = budget;
    deadline_ =
        clock_type::now() + std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(seconds));
    over_ = false;
    for (auto& each : connections_) send_next(each);
    std::vector<epoll_event> events(events_a_turn);
    while (running_ > 0) {
      const auto count = good(epoll_wait(loop_, events.data(), events_a_turn, patience_ms), "epoll_wait");
      if (count == 0) die("no answer for %d s", patience_ms / 1000);
      over_ = clock_type::now() >= deadline_;
      for (std::size_t i = 0; i < count; ++i) readable(connections_[events[i].data.u32]);
    }
  }

  std::uint64_t done = 0, bytes = 0, reconnects = 0;

 private:
  void open(connection& c) {
    c.fd = static_cast<int>(good(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    const int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (given_.sources > 1) {
      // The port is chosen when the other end is known: one source has all its ports for each server.
      setsockopt(c.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + c.number % static_cast<std::uint32_t>(given_.sources));
      good(bind(c.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
    }
    address.sin_port = htons(static_cast<in_port_t>(given_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    good(connect(c.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = c.number;
    good(epoll_ctl(loop_, EPOLL_CTL_ADD, c.fd, &event), "epoll_ctl");
  }

  void send_next(connection& c) {
    if (over_ || budget_ == 0) return;
    --budget_;
    if (c.fd < 0) open(c);
    const auto& text = requests_.next();
    if (good(send(c.fd, text.data(), text.size(), MSG_NOSIGNAL), "send") != text.size()) die("send: a part only");
    c.waits_for = connection::head;
    ++running_;
  }

  void readable(connection& c) {
    const bool discards = c.waits_for == connection::body;
    const auto got =
        recv(c.fd, buffer_.data(), discards ? body_portion : head_portion, MSG_DONTWAIT | (discards ? MSG_TRUNC : 0));
    if (got < 0 && errno == EAGAIN) return;
    const auto count = good(got, "recv");
    if (count == 0) return ended(c);
    if (discards)
      take_body(c, count);
    else if (c.waits_for == connection::head)
      take_head(c, {buffer_.data(), count});
    else
      die("%zu bytes after the answer", static_cast<std::size_t>(count));
  }

  void ended(connection& c) {
    if (c.waits_for != connection::end) die("the server closed a connection too early");
    ::close(c.fd);
    c.fd = -1;
    if (!given_.close) ++reconnects;
    finished(c);
  }

  void take_head(connection& c, std::string_view text) {
    if (!c.begun.empty()) text = c.begun.append(text);
    const auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (c.begun.empty()) c.begun = text;
      return;
    }
    const auto answer = parse(text.substr(0, end + 2));
    if (answer.status != (given_.range ? 206 : 200)) die("answered %d", answer.status);
    if (answer.length != static_cast<std::int64_t>(given_.body))
      die("Content-Length: %lld instead of %llu", static_cast<long long>(answer.length),
          static_cast<unsigned long long>(given_.body));
    c.closes = answer.close || given_.close;
    c.left = given_.body;
    c.waits_for = connection::body;
    const auto with_it = text.size() - end - 4;
    c.begun.clear();
    take_body(c, with_it);
  }

  void take_body(connection& c, std::uint64_t count) {
    if (count > c.left) die("%llu bytes after the answer", static_cast<unsigned long long>(count - c.left));
    c.left -= count;
    if (c.left > 0) return;
    bytes += given_.body;
    if (c.closes)
      c.waits_for = connection::end;
    else
      finished(c);
  }

  void finished(connection& c) {
    c.waits_for = connection::idle;
    ++done;
    --running_;
    send_next(c);
  }

  const settings& given_;
  requests requests_;
  std::vector<connection> connections_;
  std::vector<char> buffer_;
  int loop_ = epoll_create1(EPOLL_CLOEXEC);
  std::uint64_t budget_ = 0, running_ = 0;
  clock_type::time_point deadline_;
  bool over_ = false;
};

double own_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  const auto given = read_settings(argc, argv);
  load running(given);
  if (given.warm) running.run(given.connections, given.seconds);
  running.done = running.bytes = running.reconnects = 0;
  std::puts("ready");
  std::fflush(stdout);
  if (std::string go; !std::getline(std::cin, go)) return 0;
  const auto cpu = own_cpu();
  const auto began = clock_type::now();
  running.run(given.requests > 0 ? given.requests : std::numeric_limits<std::uint64_t>::max(), given.seconds);
  const double wall = std::chrono::duration<double>(clock_type::now() - began).count();
  std::printf(R"({"requests": %llu, "bytes": %llu, "reconnects": %llu, "wall": %.6f, "cpu": %.6f})"
              "\n",
              static_cast<unsigned long long>(running.done), static_cast<unsigned long long>(running.bytes),
              static_cast<unsigned long long>(running.reconnects), wall, own_cpu() - cpu);
}
