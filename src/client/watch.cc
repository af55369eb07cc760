#include "client/watch.h"

#include <algorithm>

namespace sampan::client {

namespace {

// How often a transfer is looked at: for the progress line, and for bytes that are too few to wake poll(2) by themselves.
constexpr std::chrono::milliseconds glance_every{100};

}  // namespace

std::uint64_t rate_limit::portion() const noexcept {
  constexpr std::uint64_t smallest = 1024;
  return rate_ == 0 ? UINT64_MAX : std::max(smallest, rate_ / 16);
}

std::chrono::milliseconds rate_limit::pause_after(std::uint64_t bytes) {
  if (rate_ == 0) return {};
  using namespace std::chrono;
  const std::lock_guard guard(mutex_);
  const auto now = steady_clock::now();
  free_at_ = std::max(free_at_, now - milliseconds(250));
  free_at_ += nanoseconds(static_cast<std::int64_t>(static_cast<double>(bytes) / static_cast<double>(rate_) * 1e9));
  return free_at_ > now ? ceil<milliseconds>(free_at_ - now) : milliseconds(0);
}

void watch::begin() {
  any_ = false;
  last_byte_ = window_began_ = clock::now();
  window_bytes_ = 0;
}

result<void> watch::glance(clock::time_point now, const std::string& subject) {
  if (now - last_glance_ < glance_every) return {};
  last_glance_ = now;
  if (net::wait_for(-1, POLLIN, net::patience::lasting({}, bounds_.interrupt_fd)) == net::waited::interrupted) {
    return error::make(errc::interrupted, "get", subject);
  }
  return on_glance_ ? on_glance_() : result<void>();
}

result<bool> watch::wait(int socket, short events, const std::string& subject) {
  auto turn = net::patience::lasting(glance_every, bounds_.interrupt_fd);
  if (hurry_until_) turn.until = std::min(turn.until, *hurry_until_);
  const auto how = net::wait_for(socket, events, turn);
  if (how == net::waited::interrupted) return error::make(errc::interrupted, "get", subject);
  const auto now = clock::now();
  if (auto good = glance(now, subject); !good) return good.error();
  const bool ready = how == net::waited::ready;
  if (!ready && hurry_until_ && now >= *hurry_until_) return error::make(errc::stalled, "receive from", subject);
  // An answer's head has to be there as a whole within the time, however its bytes drip.
  if (now - last_byte_ >= bounds_.idle && (!ready || !any_)) {
    return error::make(any_ ? errc::stalled : errc::reply_timeout, "receive from", subject);
  }
  if (!any_ || bounds_.low_speed == 0 || now - window_began_ < bounds_.low_speed_time) return ready;
  const auto seconds = std::chrono::duration<double>(now - window_began_).count();
  if (static_cast<double>(window_bytes_) < static_cast<double>(bounds_.low_speed) * seconds) {
    return error::make(errc::stalled, "receive from", subject, "slower than --speed-limit");
  }
  window_began_ = now;
  window_bytes_ = 0;
  return ready;
}

result<void> watch::came(std::uint64_t bytes, const std::string& subject) {
  const auto now = clock::now();
  if (!any_) window_began_ = now;
  any_ = true;
  last_byte_ = now;
  window_bytes_ += bytes;
  if (const auto length = rate_.pause_after(bytes); length.count() > 0) return pause(length, subject);
  return glance(now, subject);
}

result<void> watch::pause(std::chrono::milliseconds length, const std::string& subject) {
  const auto end = clock::now() + length;
  for (;;) {
    const auto now = clock::now();
    if (auto good = glance(now, subject); !good) return good;
    if (now >= end) break;
    const auto turn = net::patience{std::min(end, now + glance_every), bounds_.interrupt_fd};
    if (net::wait_for(-1, POLLIN, turn) == net::waited::interrupted) {
      return error::make(errc::interrupted, "get", subject);
    }
  }
  last_byte_ = std::max(last_byte_, end);  // a pause of our own is no silence of the peer's
  return {};
}

}  // namespace sampan::client
