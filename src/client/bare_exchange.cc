#include "client/bare_exchange.h"

#include <cerrno>

#include "client/answer.h"
#include "net/tcp_stream.h"

namespace sampan::client {

namespace {

// What tells that another protocol answered: an HTTP status line, a TLS alert record.
constexpr std::string_view http_answer = "HTTP/1.";
constexpr std::string_view tls_alert = "\x15\x03";

result<void> check_first_bytes(int socket, const std::string& where, const std::string& name, watch& patience) {
  char first[http_answer.size()];
  std::size_t seen = 0;
  bool readable = false;
  patience.begin();
  for (;;) {
    const auto got = net::peek_some(socket, first);
    if (got.error == ECONNRESET) return error::make(errc::connection_reset, "receive from", where);
    if (got.error != 0 && !got.would_block()) return error::system(got.error, "receive from", where);
    const std::string_view text(first, got.bytes);
    if (text == http_answer || text.starts_with(tls_alert)) {
      return error::make(errc::not_the_file, "receive from", where);
    }
    // Readable, and nothing more than before: the end.
    const bool ended = got.error == 0 && got.bytes == seen && readable;
    if (ended && seen == 0) return error::make(errc::nothing_received, "get", name);
    if (ended || (!text.empty() && !http_answer.starts_with(text) && !tls_alert.starts_with(text))) return {};
    if (got.bytes > seen) {
      seen = got.bytes;
      net::set_receive_low_water(socket, static_cast<int>(seen) + 1);
    }
    const auto ready = patience.wait(socket, POLLIN, where);
    if (!ready && ready.error().code() == errc::reply_timeout && seen > 0) return {};
    if (!ready) return ready.error();
    readable = *ready;
  }
}

}  // namespace

result<std::unique_ptr<response>> ask_by_name(const get_source& whom, net::ip_family family, watch& patience) {
  auto connected = net::connect_to({whom.host, whom.port}, patience.connecting(), family);
  if (!connected) return connected.error();
  auto stream = net::plain(std::move(connected->fd));
  const std::string where = net::endpoint{whom.host, whom.port}.to_string();
  // At most 4,096 bytes: a fresh connection takes them at once.
  if (const auto sent = stream->send(whom.name); sent.bytes != whom.name.size()) {
    return error::system(sent.error, "send to", where);
  }
  net::finish_sending(stream->fd());  // a sampan server need not wait for quiet then; the course's cannot tell
  if (auto good = check_first_bytes(stream->fd(), where, whom.name, patience); !good) return good.error();
  http::response_head head;
  head.status = 200;
  auto made = std::make_unique<connection_answer>(std::make_unique<http_connection>(std::move(stream), where), head,
                                                  whom, false, nullptr);
  made->by_name = true;
  return std::unique_ptr<response>(std::move(made));
}

}  // namespace sampan::client
