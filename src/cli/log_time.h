// The time of a log line, rendered once a second.
#pragma once

#include <chrono>
#include <string>

namespace sampan::cli {

/// How a moment is written.
enum class time_style {
  local,     ///< `2026-03-01 14:05:09.649`, local time
  combined,  ///< `01/Mar/2026:14:05:09 +0100`, local time, always English: what Apache and nginx write
  utc,       ///< `2026-03-01T13:05:09.649Z` (RFC 3339)
};

/// Appends moments to lines. Cost: a copy while the second and the style stay the same. Thread: one at a time.
class log_time {
 public:
  void append(std::string& out, time_style style, std::chrono::system_clock::time_point time);

 private:
  void render(std::time_t second, time_style style);

  std::time_t second_ = -1;  // with an empty text: none yet
  time_style style_ = time_style::local;
  std::string text_;  // without parts of a second
};

}  // namespace sampan::cli
