#include "net/tls_sessions.h"

namespace sampan::net {

void tls_sessions::keep(const std::string& host, const SSL_SESSION* made) {
  tls_session copy(SSL_SESSION_dup(made));
  if (!copy || SSL_SESSION_is_resumable(copy.get()) == 0) return;
  const std::lock_guard lock(mutex_);
  if (of_host_.size() >= most_hosts && !of_host_.contains(host)) of_host_.erase(of_host_.begin());
  of_host_.insert_or_assign(host, std::move(copy));
}

tls_session tls_sessions::last_of(const std::string& host) const {
  const std::lock_guard lock(mutex_);
  const auto found = of_host_.find(host);
  return tls_session(found == of_host_.end() ? nullptr : SSL_SESSION_dup(found->second.get()));
}

void tls_sessions::forget(const std::string& host) {
  const std::lock_guard lock(mutex_);
  of_host_.erase(host);
}

}  // namespace sampan::net
