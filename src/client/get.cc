#include "sampan/get.h"

#include <filesystem>

#include "client/bare_exchange.h"
#include "client/http_exchange.h"
#include "client/names.h"
#include "client/peer.h"
#include "client/target.h"
#include "client/transfer.h"
#include "client/url.h"
#include "client/verdict.h"

namespace sampan {

namespace {

class fetch {
 public:
  fetch(const get_source& source, const get_options& options, client::target& into)
      : server_(source, options), into_(into) {}

  result<get_outcome> run() {
    const auto protocol = server_.source().protocol;
    if (protocol == get_protocol::bare) return by_name();
    auto answer = client::ask_by_http(server_);
    if (!answer) return answer.error();
    if (*answer) return by_http(**answer);
    // Only a clean end without a byte is taken for that of a server which took the request for a name.
    if (protocol == get_protocol::http) return server_.receive_failed(errc::cut_short);
    fell_back_ = true;
    return by_name();
  }

 private:
  result<get_outcome> by_name() {
    auto stream = client::ask_by_name(server_);
    if (!stream) return stream.error();
    if (auto good = into_.begin(); !good) return good.error();
    client::transfer bytes(server_, stream->fd(), into_);
    return finish(bytes.until_end({}), bytes, false);
  }

  result<get_outcome> by_http(client::http_answer& answer) {
    const auto framing = client::judge(answer.head, server_.subject());
    if (!framing) return framing.error();
    if (auto good = into_.begin(); !good) return good.error();
    client::transfer bytes(server_, answer.stream.fd(), into_);
    switch (framing->end) {
      case http::body_end::chunked: return finish(bytes.chunked(std::move(answer.body_begin)), bytes, true);
      case http::body_end::length: return finish(bytes.exactly(framing->length, answer.body_begin), bytes, true);
      case http::body_end::none: return finish(bytes.exactly(0, answer.body_begin), bytes, true);
      case http::body_end::close: break;
    }
    return finish(bytes.until_end(answer.body_begin), bytes, false);
  }

  result<get_outcome> finish(const result<void>& received, const client::transfer& bytes, bool length_known) {
    if (!received) return with_what_came(received.error(), bytes);
    if (auto done = into_.publish(); !done) return with_what_came(done.error(), bytes);
    return get_outcome{into_.path(), into_.written(), fell_back_, length_known, bytes.surplus()};
  }

  error with_what_came(const error& cause, const client::transfer& bytes) const {
    const std::string kept_in = into_.is_stream() ? std::string() : into_.part_path();
    return cause.with_unfinished({kept_in, into_.written(), bytes.size()});
  }

  client::peer server_;
  client::target& into_;
  bool fell_back_ = false;
};

result<client::target> choose_target(const get_source& source, const get_options& options) {
  namespace fs = std::filesystem;
  if (options.output_fd >= 0) return client::target::stream(options.output, options.output_fd);
  if (options.output.empty()) {
    const std::string last = client::safe_file_name(source.name, options.prefix.size());
    if (last.empty()) return error::make(errc::bad_name, "get", source.name, "--output gives it one");
    const std::string name = options.prefix + last;
    return client::target::prepare({options.directory, name, options.no_clobber});
  }
  const std::string path = (fs::path(options.directory) / options.output).string();
  if (client::target::is_stream(path)) return client::target::stream(path);
  return client::target::prepare({options.directory, options.output, options.no_clobber});
}

}  // namespace

result<get_outcome> get(const get_source& source, const get_options& options) {
  if (source.tls) return error::make(errc::bad_url, "get", client::url_of(source), "https is not there yet");
  if (source.has_credentials)
    return error::make(errc::bad_url, "get", client::url_of(source), "user names are not there yet");
  auto into = choose_target(source, options);
  if (!into) return into.error();
  return fetch(source, options, *into).run();
}

}  // namespace sampan
