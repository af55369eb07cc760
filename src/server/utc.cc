#include "server/utc.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sampan::serving {

namespace {
constexpr std::int64_t first_second = -62'167'219'200;
constexpr std::int64_t last_second = 253'402'300'799;
}  // namespace

std::string utc(std::int64_t seconds, std::string_view between, std::string_view after) {
  const std::time_t time = std::clamp(seconds, first_second, last_second);
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     between, parts.tm_hour, parts.tm_min, parts.tm_sec, after);
}

}  // namespace sampan::serving
