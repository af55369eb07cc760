#include "client/http_exchange.h"

#include <array>

namespace sampan::client {

namespace {

constexpr std::uint16_t http_port = 80;
// Heads are smaller nearly always, and what comes of the body with them is copied once more than the rest.
constexpr std::size_t head_portion = 16 * 1024;
// A server has no reason for more than two or three; without an end they would last for ever.
constexpr int most_interim_answers = 32;

// RFC 9110 15.2.2: 101 ends HTTP, so it is no interim answer; nobody asked for it, and it is refused like any such answer.
bool is_interim(const http::response_head& head) { return head.status < 200 && head.status != 101; }

// A server that has answered early may not take the request any more: its answer, or the reset, then tells more.
result<void> send(const peer& server, net::tcp_stream& stream, std::string_view request) {
  const auto until = server.lasting(server.options().idle_timeout);
  while (!request.empty()) {
    const auto sent = stream.send(request);
    request.remove_prefix(sent.bytes);
    if (sent.error != 0 && !sent.would_block()) return {};
    if (!sent.would_block()) continue;
    switch (net::wait_for(stream.fd(), POLLOUT, until)) {
      case net::waited::interrupted: return server.interrupted();
      case net::waited::timeout: return server.receive_failed(errc::reply_timeout);
      case net::waited::ready: break;
    }
  }
  return {};
}

// The heads of the answers, one behind the other, until the one that counts.
class head_reader {
 public:
  explicit head_reader(const peer& server) : server_(server) {}

  /// Whether the head is complete; `rest` loses what belongs to heads.
  result<bool> feed(std::string_view& rest) {
    while (!rest.empty()) {
      const auto step = parser_.feed(rest);
      rest.remove_prefix(step.taken);
      if (step.now == http::response_parser::state::malformed) return malformed(parser_.problem());
      if (step.now == http::response_parser::state::more) break;
      if (!is_interim(parser_.head())) return true;
      if (++interim_ > most_interim_answers) return malformed("too many interim answers");
      parser_ = {};
    }
    return false;
  }
  const http::response_head& head() const noexcept { return parser_.head(); }

 private:
  error malformed(const char* why) const { return server_.receive_failed(errc::malformed_answer, why); }

  const peer& server_;
  http::response_parser parser_;
  int interim_ = 0;
};

}  // namespace

std::string http_request(const get_source& source) {
  const bool v6_literal = source.host.find(':') != std::string::npos;
  // RFC 6874 4: a zone means something on this machine only.
  const std::string bare_host = v6_literal ? source.host.substr(0, source.host.find('%')) : source.host;
  std::string host = v6_literal ? '[' + bare_host + ']' : bare_host;
  if (source.port != http_port) host += ':' + std::to_string(source.port);
  return "GET " + source.request_target + " HTTP/1.1\r\nHost: " + host +
         "\r\nUser-Agent: sampan/" SAMPAN_VERSION
         "\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n";
}

result<std::optional<http_answer>> ask_by_http(const peer& server) {
  auto stream = server.connect();
  if (!stream) return stream.error();
  if (auto good = send(server, *stream, http_request(server.source())); !good) return good.error();
  const auto until = server.lasting(server.options().idle_timeout);
  std::array<char, head_portion> buffer;
  head_reader heads(server);
  bool began = false;
  for (;;) {
    if (auto ready = server.wait_for_reply(stream->fd(), until); !ready) return ready.error();
    const auto got = stream->receive(buffer);
    if (got.would_block()) continue;
    if (got.error != 0) return server.receive_failed(got.error);
    if (got.bytes == 0 && began) return server.receive_failed(errc::cut_short);
    if (got.bytes == 0) return std::optional<http_answer>();
    began = true;
    std::string_view rest(buffer.data(), got.bytes);
    const auto complete = heads.feed(rest);
    if (!complete) return complete.error();
    if (*complete) return std::optional(http_answer{std::move(*stream), heads.head(), std::string(rest)});
  }
}

}  // namespace sampan::client
