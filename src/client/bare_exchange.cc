#include "client/bare_exchange.h"

namespace sampan::client {

namespace {

// What tells that another protocol answered: an HTTP status line, a TLS alert record.
constexpr std::string_view http_answer = "HTTP/1.";
constexpr std::string_view tls_alert = "\x15\x03";

result<void> check_first_bytes(const peer& server, int socket) {
  const auto until = server.lasting(server.options().idle_timeout);
  char first[http_answer.size()];
  std::size_t seen = 0;
  for (;;) {
    if (const auto ready = server.wait_for_reply(socket, until); !ready) {
      const bool quiet = ready.error().code() == errc::reply_timeout;
      return quiet && seen > 0 ? result<void>() : ready.error();
    }
    const auto got = net::peek_some(socket, first);
    if (got.error != 0 && !got.would_block()) return server.receive_failed(got.error);
    const std::string_view text(first, got.bytes);
    if (text == http_answer || text.starts_with(tls_alert)) return server.receive_failed(errc::not_the_file);
    const bool ended = got.error == 0 && got.bytes == seen;  // readable, and nothing more than before: the end
    if (ended && seen == 0) return error::make(errc::nothing_received, "get", server.subject());
    if (ended || !(http_answer.starts_with(text) || tls_alert.starts_with(text))) return {};
    seen = got.bytes;
    net::set_receive_low_water(socket, static_cast<int>(seen) + 1);
  }
}

}  // namespace

result<net::tcp_stream> ask_by_name(const peer& server) {
  auto stream = server.connect();
  if (!stream) return stream.error();
  const std::string& name = server.source().name;
  // At most 4,096 bytes: a fresh connection takes them at once.
  if (const auto sent = stream->send(name); sent.bytes != name.size()) {
    return error::system(sent.error, "send to", server.where());
  }
  stream->finish_sending();  // a sampan server need not wait for quiet then; the course's cannot tell
  if (auto good = check_first_bytes(server, stream->fd()); !good) return good.error();
  return stream;
}

}  // namespace sampan::client
