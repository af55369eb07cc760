#include "client/backoff.h"

#include <algorithm>

namespace sampan::client {

std::chrono::milliseconds pause_before(unsigned tries_made, std::optional<std::chrono::seconds> retry_after,
                                       double random_0_to_1) noexcept {
  constexpr unsigned most_doublings = 6;  // 64 s, over the longest
  const auto doubled = shortest_backoff * (1U << std::min(std::max(tries_made, 1U) - 1, most_doublings));
  const std::chrono::milliseconds most = std::min<std::chrono::seconds>(doubled, longest_backoff);
  const std::chrono::milliseconds jittered(
      static_cast<std::int64_t>(static_cast<double>(most.count()) * random_0_to_1));
  const auto named = std::min<std::chrono::seconds>(retry_after.value_or(std::chrono::seconds(0)), longest_pause);
  return std::max<std::chrono::milliseconds>(jittered, named);
}

}  // namespace sampan::client
