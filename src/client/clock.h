// The time of day, for dates of servers.
#pragma once

#include <cstdint>
#include <ctime>

namespace sampan::client {

/// Seconds since 1970. Thread: any.
inline std::int64_t now_in_seconds() { return std::time(nullptr); }

}  // namespace sampan::client
