// Who is asked by HTTP and HTTPS: connections that are kept, proxies, credentials, redirects.
#pragma once

#include <list>
#include <mutex>

#include "client/exchange.h"
#include "client/http_connection.h"
#include "client/proxy.h"
#include "client/request_head.h"
#include "net/tls.h"

namespace sampan::client {

/// Shared by all downloads of a run. Thread: any.
class http_origin : public origin {
 public:
  /// @error bad_value (a field), errc::system, certificate trouble (the file of certificates)
  static result<std::unique_ptr<http_origin>> open(const get_options& options);

  /// Follows redirects: at most 20, only to http and https, and never from https to http; credentials stay with the origin they are for.
  result<std::unique_ptr<response>> ask(const get_source& whom, const request& what, watch& patience) override;

  /// Takes a connection back when its answer was read to the end.
  void keep(std::unique_ptr<http_connection> one, std::string key);

 private:
  struct route {
    get_source to;
    std::optional<proxy> by;
    std::string key;
  };

  explicit http_origin(const get_options& options) : options_(options) {}
  result<std::unique_ptr<response>> ask_once(const get_source& whom, const request& what, bool at_home, bool redirected,
                                             watch& patience);
  result<route> route_to(const get_source& whom) const;
  result<std::unique_ptr<http_connection>> connect(const route& way, watch& patience);
  result<const net::tls_settings*> tls();
  result<void> tunnel(int socket, const route& way, watch& patience) const;
  std::unique_ptr<http_connection> take(const std::string& key);
  request_words words_for(const route& way, bool at_home, bool redirected) const;

  const get_options& options_;
  std::optional<net::tls_settings> tls_;  // reading the system's certificates takes 25 ms: only where one is looked at
  std::mutex mutex_;                      // of kept_ and tls_
  struct kept {
    std::string key;
    std::unique_ptr<http_connection> connection;
  };
  std::list<kept> kept_;  // latest first
};

}  // namespace sampan::client
