#include "sampan/get.h"

#include <algorithm>
#include <filesystem>

#include "client/names.h"
#include "client/receiver.h"
#include "client/target.h"
#include "net/connect.h"
#include "net/tcp_stream.h"
#include "text/percent.h"

namespace sampan {

namespace {

// How often a transfer is looked at: for the progress line, and for bytes that are too few to wake poll(2) by themselves.
constexpr std::chrono::milliseconds glance{100};

// What tells that another protocol answered: an HTTP status line, a TLS alert record (docs/bare-protocol.md).
constexpr std::string_view http_answer = "HTTP/1.";
constexpr std::string_view tls_alert = "\x15\x03";

class fetch {
 public:
  fetch(const get_source& source, const get_options& options, client::target& into)
      : source_(source), options_(options), into_(into) {}

  result<get_outcome> run() {
    bool fell_back = false;
    if (source_.http_first) {
      if (auto closed = http_closes_at_once(); !closed) return closed.error();
      fell_back = true;
    }
    auto connected = connect();
    if (!connected) return connected.error();
    net::tcp_stream stream(std::move(connected->fd));
    // At most 4,096 bytes: a fresh connection takes them at once.
    if (const auto sent = stream.send(source_.name); sent.bytes != source_.name.size()) {
      return error::system(sent.error, "send to", where());
    }
    stream.finish_sending();  // a sampan server need not wait for quiet then; the course's cannot tell
    if (auto good = check_first_bytes(stream.fd()); !good) return good.error();
    if (auto good = into_.begin(); !good) return good.error();
    if (auto all = receive_all(stream.fd()); !all) return with_what_was_kept(all.error());
    if (auto done = into_.publish(); !done) return with_what_was_kept(done.error());
    return get_outcome{into_.path(), into_.written(), fell_back};
  }

 private:
  std::string where() const { return source_.host + ':' + std::to_string(source_.port); }
  net::patience for_time(std::chrono::milliseconds length) const {
    return net::patience::lasting(length, options_.interrupt_fd);
  }
  error interrupted() const { return error::make(errc::interrupted, "get", source_.name); }

  result<net::connection> connect() const {
    return net::connect_to({source_.host, source_.port}, for_time(options_.connect_timeout));
  }

  error with_what_was_kept(const error& cause) const {
    if (into_.is_stream()) return cause;
    const std::string kept = into_.part_path() + ", " + std::to_string(into_.written()) + " bytes";
    return cause.with_detail(kept);
  }

  // Success: the server closed without a byte, as one that takes the request for a file's name does.
  result<void> http_closes_at_once() const {
    auto connected = connect();
    if (!connected) return connected.error();
    net::tcp_stream stream(std::move(connected->fd));
    std::string path;
    for (const char c : source_.name) path += c == '/' ? std::string(1, c) : text::percent_encode({&c, 1});
    stream.send("GET /" + path + " HTTP/1.1\r\nHost: " + where() +
                "\r\nUser-Agent: sampan\r\nConnection: close\r\n\r\n");
    char answer[64];
    net::moved got;
    do {
      const auto waiting = net::wait_for(stream.fd(), POLLIN, for_time(options_.idle_timeout));
      if (waiting == net::waited::timeout) return error::make(errc::reply_timeout, "receive from", where());
      if (waiting == net::waited::interrupted) return interrupted();
      got = stream.receive(answer);
    } while (got.would_block());
    if (got.error == ECONNRESET) return error::make(errc::connection_reset, "receive from", where());
    if (got.error != 0) return error::system(got.error, "receive from", where());
    if (got.bytes == 0) return {};
    const std::string_view text(answer, got.bytes);
    if (!text.starts_with(http_answer)) return error::make(errc::not_the_file, "receive from", where());
    return error::make(errc::unsupported_by_peer, "get", source_.name, text.substr(0, text.find_first_of("\r\n")));
  }

  // Waits until it is certain that the answer is no other protocol's. Nothing is taken from the socket.
  result<void> check_first_bytes(int socket) const {
    const auto until = for_time(options_.idle_timeout);
    char first[http_answer.size()];
    std::size_t seen = 0;
    for (;;) {
      const auto waiting = net::wait_for(socket, POLLIN, until);
      if (waiting == net::waited::interrupted) return interrupted();
      if (waiting == net::waited::timeout) {
        return seen == 0 ? error::make(errc::reply_timeout, "receive from", where()) : result<void>();
      }
      const auto got = net::peek_some(socket, first);
      if (got.error == ECONNRESET) return error::make(errc::connection_reset, "receive from", where());
      if (got.error != 0 && !got.would_block()) return error::system(got.error, "receive from", where());
      const std::string_view text(first, got.bytes);
      if (text == http_answer || text.starts_with(tls_alert)) {
        return error::make(errc::not_the_file, "receive from", where());
      }
      const bool ended = got.error == 0 && got.bytes == seen;  // readable, and nothing more than before: the end
      if (ended && seen == 0) return error::make(errc::nothing_received, "get", source_.name);
      if (ended || !(http_answer.starts_with(text) || tls_alert.starts_with(text))) return {};
      seen = got.bytes;
      net::set_receive_low_water(socket, static_cast<int>(seen) + 1);
    }
  }

  result<void> receive_all(int socket) {
    client::receiver bytes(socket);
    net::set_receive_low_water(socket, client::receiver::worthwhile);
    auto last_byte = std::chrono::steady_clock::now();
    auto last_glance = last_byte;
    for (;;) {
      const auto before = into_.written();
      auto step = bytes.move(into_);
      if (!step) return step.error();
      const auto now = std::chrono::steady_clock::now();
      if (into_.written() != before) last_byte = now;
      if (now - last_glance >= glance || *step == client::receiver::step::ended) {
        last_glance = now;
        if (options_.on_progress) options_.on_progress(into_.written());
        if (net::wait_for(-1, POLLIN, for_time({})) == net::waited::interrupted) return interrupted();
      }
      if (*step == client::receiver::step::ended) return {};
      if (*step == client::receiver::step::moved) continue;
      if (now - last_byte >= options_.idle_timeout) return error::make(errc::stalled, "receive from", where());
      if (net::wait_for(socket, POLLIN, for_time(glance)) == net::waited::interrupted) return interrupted();
    }
  }

  const get_source& source_;
  const get_options& options_;
  client::target& into_;
};

result<client::target> choose_target(const get_source& source, const get_options& options) {
  namespace fs = std::filesystem;
  if (options.output_fd >= 0) return client::target::stream(options.output, options.output_fd);
  if (options.output.empty()) {
    const std::string last = client::safe_file_name(source.name, options.prefix.size());
    if (last.empty()) return error::make(errc::bad_name, "get", source.name);
    const std::string name = options.prefix + last;
    return client::target::prepare({options.directory, name, options.no_clobber});
  }
  const std::string path = (fs::path(options.directory) / options.output).string();
  if (client::target::is_stream(path)) return client::target::stream(path);
  return client::target::prepare({options.directory, options.output, options.no_clobber});
}

}  // namespace

result<get_outcome> get(const get_source& source, const get_options& options) {
  auto into = choose_target(source, options);
  if (!into) return into.error();
  return fetch(source, options, *into).run();
}

}  // namespace sampan
