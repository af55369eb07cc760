// What a request costs in memory once its file is known and the worker is warm: nothing.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/test_allocations.h"
#include "base/unique_fd.h"
#include "sampan/serve.h"

namespace sampan {
namespace {

namespace fs = std::filesystem;

/// A client that allocates nothing, so that all that is counted is the server's.
class keep_alive_client {
 public:
  explicit keep_alive_client(const std::string& server) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    constexpr timeval patience{10, 0};  // a server that does not answer fails the test instead of holding it up
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // An address whose text is too long for the room that a std::string has within itself.
    const sockaddr_in own = ipv4("127.100.100.100", 0);
    const auto colon = server.rfind(':');
    const sockaddr_in peer = ipv4(server.substr(0, colon).c_str(), std::stoi(server.substr(colon + 1)));
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    EXPECT_EQ(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer), 0);
  }

  /// Sends a request and reads its answer, whose view is good until the next one; empty if none comes.
  std::string_view ask(std::string_view request, bool has_content) {
    if (send(fd_.get(), request.data(), request.size(), MSG_NOSIGNAL) != std::ssize(request)) return {};
    std::size_t have = 0;
    std::size_t whole = 0;  // as long as it is not known
    while (whole == 0 || have < whole) {
      const auto got = recv(fd_.get(), room_.data() + have, room_.size() - have, 0);
      if (got <= 0) return {};
      have += static_cast<std::size_t>(got);
      if (whole == 0) whole = length_of({room_.data(), have}, has_content);
    }
    return {room_.data(), have};
  }

  /// The head of a file's plain answer.
  std::string_view head_of(std::string_view target) {
    std::string request("HEAD ");
    request.append(target).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto answer = ask(request, false);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    return answer;
  }

 private:
  static sockaddr_in ipv4(const char* ip, int port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, ip, &made.sin_addr);
    return made;
  }

  // Of the whole answer, by its Content-Length; 0 while its head is not complete.
  static std::size_t length_of(std::string_view begin, bool has_content) {
    const auto head = begin.find("\r\n\r\n");
    if (head == begin.npos) return 0;
    constexpr std::string_view field = "\r\nContent-Length: ";
    const auto at = begin.substr(0, head).find(field);
    const bool announced = has_content && at != begin.npos;
    return head + 4 + (announced ? std::strtoul(begin.data() + at + field.size(), nullptr, 10) : 0);
  }

  base::unique_fd fd_;
  std::array<char, 128UL * 1024> room_;
};

struct row {
  const char* what;
  const char* method;
  const char* target;
  const char* fields;  // ETAG stands for the file's
  const char* status;
  bool log = false;
  int requests = 2'000;  // counted; a tenth of them goes before
};

class Allocations : public testing::TestWithParam<row> {
 protected:
  Allocations() {
    char pattern[] = "/tmp/sampan-allocations-XXXXXX";
    root_ = mkdtemp(pattern);
    put("big.bin", 64 * 1024);
    put("style.css", 2048);
    put("style.css.br", 1024);
    put("small.txt", 1024);
    put("latest.txt", 1024);
    serve_options options;
    options.path = root_;
    options.bind = {"127.0.0.1"};
    options.port = 0;
    options.workers = 1;
    serve_events events;
    if (GetParam().log) {
      events.on_request = [this](const serve_record& about) { logged_ += about.peer.empty() ? 0 : 1; };
    }
    server_.emplace(std::move(server::create(options, events).value()));
    EXPECT_TRUE(server_->start());
  }
  ~Allocations() override {
    server_.reset();
    fs::remove_all(root_);
  }

  void put(const char* name, std::size_t size) const { std::ofstream(root_ / name) << std::string(size, 'x'); }
  std::string address() const { return server_->addresses().front(); }

  // A file's answers are remembered when its stamps are no longer new: that the latest one has a strong tag says so for all.
  void wait_until_memorable() const {
    keep_alive_client client(address());
    while (client.head_of("/latest.txt").find("ETag: W/") != std::string_view::npos && !HasFailure()) {
    }
  }

  std::string etag_of(const char* target) const {
    keep_alive_client client(address());
    const auto head = client.head_of(target);
    const auto from = head.find("ETag: ") + 6;
    return std::string(head.substr(from, head.find("\r\n", from) - from));
  }

  fs::path root_;
  std::atomic<std::size_t> logged_ = 0;
  std::optional<server> server_;
};

TEST(AllocationsOfAllThreads, AreCounted) {
  if (!base::allocations_are_counted()) GTEST_SKIP() << "a sanitizer has its own operator new";
  const std::size_t before = base::allocations_of_all_threads();
  const std::size_t before_here = base::allocations();
  std::thread([] { const std::string counted(1'000, 'x'); }).join();
  const std::size_t here = base::allocations() - before_here;  // what it takes to start a thread
  EXPECT_EQ(base::allocations_of_all_threads(), before + here + 1);
}

TEST_P(Allocations, AreNoneForAKnownFile) {
  const row& one = GetParam();
  if (!base::allocations_are_counted()) GTEST_SKIP() << "a sanitizer has its own operator new";
  wait_until_memorable();
  std::string fields = one.fields;
  if (const auto at = fields.find("ETAG"); at != fields.npos) fields.replace(at, 4, etag_of(one.target));
  const std::string request = std::string(one.method) + ' ' + one.target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
  const std::string begin = std::string("HTTP/1.1 ") + one.status;
  const bool has_content = std::string_view(one.method) == "GET" && std::string_view(one.status) != "304";

  keep_alive_client client(address());
  const auto ask = [&](int times) {
    int good = 0;
    for (int i = 0; i < times; ++i) good += client.ask(request, has_content).starts_with(begin) ? 1 : 0;
    return good;
  };
  const int warm_up = one.requests / 10;
  ASSERT_EQ(ask(warm_up), warm_up);
  const std::size_t before = base::allocations_of_all_threads();
  const int good = ask(one.requests);
  EXPECT_EQ(base::allocations_of_all_threads(), before);
  EXPECT_EQ(good, one.requests);
  EXPECT_GE(logged_.load(), one.log ? one.requests : 0);
}

constexpr const char* browser =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: http://127.0.0.1:7890/some/page/with/a/long/name.html\r\n"
    "Connection: keep-alive\r\n";

constexpr row rows[] = {
    {"Get", "GET", "/small.txt", "", "200", false, 10'000},
    {"Head", "HEAD", "/small.txt", "", "200"},
    {"GetBig", "GET", "/big.bin", "", "200"},
    {"Range", "GET", "/small.txt", "Range: bytes=100-899\r\n", "206"},
    {"RangeOfBig", "GET", "/big.bin", "Range: bytes=40000-40999\r\n", "206"},
    {"NotModified", "GET", "/small.txt", "If-None-Match: ETAG\r\n", "304"},
    {"Browser", "GET", "/small.txt", browser, "200"},
    {"Compressed", "GET", "/style.css", browser, "200"},
    {"Logged", "GET", "/small.txt", "", "200", true},
    {"LoggedRange", "GET", "/big.bin", "Range: bytes=40000-40999\r\n", "206", true},
};

INSTANTIATE_TEST_SUITE_P(Of, Allocations, testing::ValuesIn(rows), [](const auto& one) { return one.param.what; });

}  // namespace
}  // namespace sampan
