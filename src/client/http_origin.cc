#include "client/http_origin.h"

#include <unistd.h>

#include "client/answer.h"
#include "client/bare_exchange.h"
#include "client/netrc.h"
#include "client/url.h"
#include "client/words.h"
#include "http/characters.h"
#include "http/field_syntax.h"
#include "net/connect.h"

namespace sampan::client {

namespace {

// RFC 9110 15.4 leaves the number to the client; browsers give up at 20.
constexpr int most_redirects = 20;
// Kept connections cost a descriptor each; more hosts than this are rare in one run.
constexpr std::size_t most_kept = 16;

bool redirects(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

// RFC 9112 9.3; and 6.3: behind a body with both a length and chunks nobody knows what comes.
bool wants_to_close(const http::response_head& head) {
  if (!head.values("Transfer-Encoding").empty() && !head.values("Content-Length").empty()) return true;
  bool close = head.version_minor == 0;
  for (std::string_view value : head.values("Connection")) {
    while (!value.empty()) {
      const auto word = http::take_member(value);
      if (http::same_word(word, "close")) return true;
      if (http::same_word(word, "keep-alive")) close = false;
    }
  }
  return close;
}

// What a field of the user's would give away to another origin than the one it was meant for.
bool is_secret(const std::string& field) {
  const auto name = std::string_view(field).substr(0, field.find(':'));
  return http::same_word(name, "Authorization") || http::same_word(name, "Cookie");
}

net::ip_family ip_family_of(get_family family) {
  switch (family) {
    case get_family::v4: return net::ip_family::v4;
    case get_family::v6: return net::ip_family::v6;
    case get_family::any: break;
  }
  return net::ip_family::any;
}

std::string proxy_credentials(const proxy& by) {
  return by.user.empty() ? std::string() : basic_credentials(by.user, by.password);
}

std::string key_of(const get_source& to, const std::optional<proxy>& by) {
  const std::string place = net::endpoint{to.host, to.port}.to_string();
  const std::string way = by ? net::endpoint{by->host, by->port}.to_string() : "";
  // A proxy takes plain requests to all hosts on one connection.
  return (to.tls ? "tls " : "plain ") + (by && !to.tls ? "" : place) + " by " + way;
}

}  // namespace

result<std::unique_ptr<http_origin>> http_origin::open(const get_options& options) {
  std::unique_ptr<http_origin> made(new http_origin(options));
  if (options.ca_file.empty()) return made;
  if (const auto good = made->tls(); !good) return good.error();
  return made;
}

result<const net::tls_settings*> http_origin::tls() {
  const std::lock_guard guard(mutex_);
  if (tls_) return &*tls_;
  auto made = net::tls_settings::for_clients(options_.ca_file);
  if (!made) return made.error();
  return &tls_.emplace(std::move(*made));
}

result<http_origin::route> http_origin::route_to(const get_source& whom) const {
  const proxy_settings set{options_.proxies.http, options_.proxies.https, options_.proxies.all, options_.proxies.none};
  auto by =
      whom.protocol == get_protocol::bare ? std::optional<proxy>() : proxy_for(set, whom.tls, whom.host, whom.port);
  if (!by) return by.error();
  return route{whom, *by, key_of(whom, *by)};
}

// @param at_home  the origin is the one the user named
request_words http_origin::words_for(const route& way, bool at_home, bool redirected) const {
  request_words words;
  words.user_agent = options_.user_agent;
  words.want_digest = true;
  for (const auto& field : options_.fields) {
    if (at_home || !is_secret(field)) words.fields.push_back(field);
  }
  if (way.to.has_credentials) {
    words.authorization = basic_credentials(way.to.user, way.to.password);
  } else if (!redirected && (way.to.tls || options_.netrc_plain)) {
    if (const auto found = find_in_netrc(options_.netrc, way.to.host)) {
      words.authorization = basic_credentials(found->user, found->password);
    }
  }
  words.by_proxy = way.by && !way.to.tls;
  // Within a tunnel it is the server that reads the request.
  if (words.by_proxy) words.proxy_authorization = proxy_credentials(*way.by);
  return words;
}

// RFC 9110 9.3.6: what the proxy sends behind the head of its answer is the server's already, which does not speak first in TLS.
result<void> http_origin::tunnel(int socket, const route& way, watch& patience) const {
  const std::string place = net::endpoint{way.by->host, way.by->port}.to_string();
  http_connection talk(net::plain(base::unique_fd(dup(socket))), place);
  request_words words;
  words.user_agent = options_.user_agent;
  words.proxy_authorization = proxy_credentials(*way.by);
  const auto head = talk.ask(write_connect(way.to, words), patience);
  if (!head) return head.error();
  if (!*head) return error::make(errc::cut_short, "receive from", place);
  if ((*head)->status / 100 == 2) return {};
  return error::make(errc::refused_by_peer, "connect to", place, status_words(**head)).with_number((*head)->status);
}

result<std::unique_ptr<http_connection>> http_origin::connect(const route& way, watch& patience) {
  const net::endpoint to{way.to.host, way.to.port};
  const net::endpoint first = way.by ? net::endpoint{way.by->host, way.by->port} : to;
  auto connected = net::connect_to(first, patience.connecting(), ip_family_of(options_.family));
  if (!connected) return connected.error();
  if (!way.to.tls) return std::make_unique<http_connection>(net::plain(std::move(connected->fd)), to.to_string());
  if (way.by) {
    if (auto open = tunnel(connected->fd.get(), way, patience); !open) return open.error();
  }
  const auto settings = tls();
  if (!settings) return settings.error();
  auto secured = net::tls_over(std::move(connected->fd), **settings, way.to.host, patience.connecting(), "http/1.1");
  if (!secured) return secured.error();
  return std::make_unique<http_connection>(std::move(*secured), to.to_string());
}

std::unique_ptr<http_connection> http_origin::take(const std::string& key) {
  const std::lock_guard guard(mutex_);
  for (auto one = kept_.begin(); one != kept_.end();) {
    const bool mine = one->key == key;
    if (!mine) {
      ++one;
      continue;
    }
    auto connection = std::move(one->connection);
    one = kept_.erase(one);
    if (!connection->is_stale()) return connection;
  }
  return nullptr;
}

void http_origin::keep(std::unique_ptr<http_connection> one, std::string key) {
  const std::lock_guard guard(mutex_);
  kept_.push_front({std::move(key), std::move(one)});
  if (kept_.size() > most_kept) kept_.pop_back();
}

result<std::unique_ptr<response>> http_origin::ask_once(const get_source& whom, const request& what, bool at_home,
                                                        bool redirected, watch& patience) {
  const auto way = route_to(whom);
  if (!way) return way.error();
  const std::string text = write_request(whom, what, words_for(*way, at_home, redirected));
  auto connection = take(way->key);
  for (;;) {
    const bool reused = connection != nullptr;
    if (!reused) {
      auto fresh = connect(*way, patience);
      if (!fresh) return fresh.error();
      connection = std::move(*fresh);
    }
    auto head = connection->ask(text, patience);
    const bool dropped = head ? !*head : head.error().code() == errc::connection_reset && !connection->heard();
    if (dropped && reused) {
      connection.reset();  // the server closed it just as we asked (RFC 9110 9.2.2: GET may be repeated)
      continue;
    }
    if (!head) return head.error();
    if (!*head) {
      if (whom.protocol != get_protocol::http_or_bare)
        return error::make(errc::cut_short, "receive from", connection->where());
      // Only a clean end without a byte is taken for that of a server which took the request for a name.
      return ask_by_name(whom, ip_family_of(options_.family), patience);
    }
    connection_answer::keeper keeper;
    if (!wants_to_close(**head)) {
      keeper = [this, key = way->key](std::unique_ptr<http_connection> one) { keep(std::move(one), key); };
    }
    return std::unique_ptr<response>(std::make_unique<connection_answer>(std::move(connection), std::move(**head), whom,
                                                                         what.head, std::move(keeper)));
  }
}

result<std::unique_ptr<response>> http_origin::ask(const get_source& whom, const request& what, watch& patience) {
  if (whom.protocol == get_protocol::bare) return ask_by_name(whom, ip_family_of(options_.family), patience);
  get_source at = whom;
  for (int followed = 0;; ++followed) {
    const bool at_home = !what.redirected && same_origin(at, whom);
    auto got = ask_once(at, what, at_home, what.redirected || followed > 0, patience);
    if (!got || !redirects((*got)->head.status)) return got;
    const auto places = (*got)->head.values("Location");
    if (places.empty() || places.front().empty()) return got;  // who asked says what is wrong with it
    const auto refused = [&](const std::string& why) {
      return error::make(errc::redirected, "get", subject_of(whom), why);
    };
    const std::string place = quoted(places.front());
    if (followed == most_redirects) return refused("too many redirects");
    auto next = resolve_location(at, places.front());
    if (!next) return refused(place);
    if (at.tls && !next->tls) return refused("from https to " + place);
    next->protocol = get_protocol::http;
    at = std::move(*next);
  }
}

}  // namespace sampan::client
