// Times as documents carry them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sampan::serving {

/// `2026-03-01` + between + `13:05:09` + after. Before the year 0 and after 9999, which RFC 3339 cannot write but filesystems may
/// hold, the first or last moment that it can. @param seconds  since 1970. Thread: pure.
std::string utc(std::int64_t seconds, std::string_view between, std::string_view after);

}  // namespace sampan::serving
