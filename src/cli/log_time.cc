#include "cli/log_time.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <iterator>

namespace sampan::cli {

namespace {
constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
}

void log_time::append(std::string& out, time_style style, std::chrono::system_clock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t second = std::chrono::system_clock::to_time_t(whole);
  if (text_.empty() || second != second_ || style != style_) render(second, style);
  out += text_;
  if (style == time_style::combined) return;
  const auto thousandths = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
  fmt::format_to(std::back_inserter(out), ".{:03}", thousandths);
  if (style == time_style::utc) out += 'Z';
}

void log_time::render(std::time_t second, time_style style) {
  std::tm parts{};
  if (style == time_style::utc) {
    gmtime_r(&second, &parts);
  } else {
    localtime_r(&second, &parts);
  }
  const int year = parts.tm_year + 1900;
  const int month = parts.tm_mon + 1;
  text_.clear();
  const auto out = std::back_inserter(text_);
  if (style == time_style::combined) {
    const long minutes = std::labs(parts.tm_gmtoff) / 60;
    fmt::format_to(out, "{:02}/{}/{:04}:{:02}:{:02}:{:02} {}{:02}{:02}", parts.tm_mday,
                   months.at(static_cast<std::size_t>(parts.tm_mon)), year, parts.tm_hour, parts.tm_min, parts.tm_sec,
                   parts.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
  } else {
    fmt::format_to(out, "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", year, month, parts.tm_mday,
                   style == time_style::utc ? 'T' : ' ', parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  second_ = second;
  style_ = style;
}

}  // namespace sampan::cli
