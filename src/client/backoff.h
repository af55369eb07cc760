// How long to wait before the next try.
#pragma once

#include <chrono>
#include <optional>

namespace sampan::client {

/// The pause at most, doubled with each try, from shortest_backoff to longest_backoff; of it a random part is waited ("full jitter").
/// Clients that a server lost at one moment come back spread over the whole pause, which is the fewest requests at once that any
/// rule with this mean gives. Where the server named a longer time that counts, up to longest_pause: who waits for a
/// download is better served by an error than by a program that is silent for an hour.
constexpr std::chrono::seconds shortest_backoff{1}, longest_backoff{60};
constexpr std::chrono::minutes longest_pause{10};

/// @param tries_made     how often it was tried; 0 counts as 1
/// @param random_0_to_1  drawn anew for each pause
/// Cost: O(1). Thread: pure. Source: RFC 9110 10.2.3 (Retry-After).
std::chrono::milliseconds pause_before(unsigned tries_made, std::optional<std::chrono::seconds> retry_after,
                                       double random_0_to_1) noexcept;

}  // namespace sampan::client
