#include "ui/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "text/utf8.h"

namespace sampan::ui {

namespace {

constexpr std::string_view wipe = "\r\x1b[K";

std::size_t columns(int terminal) {
  winsize size{};
  return ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// The longest beginning of the text that is at most `most` columns wide.
std::string_view fitting(std::string_view text, std::size_t most) {
  std::size_t end = 0;
  std::size_t width = 0;
  while (end < text.size()) {
    const auto next = text.substr(end, text::decode_utf8(text.substr(end)).length);
    width += text::display_width(next);
    if (width > most) break;
    end += next.size();
  }
  return text.substr(0, end);
}

void draw(int terminal, std::string_view text) {
  [[maybe_unused]] const auto written = write(terminal, text.data(), text.size());  // a bar may be lost
}

// `12:05`. An estimate of more than 99 hours is no better than that one.
std::string minutes_and_seconds(double seconds) {
  constexpr double longest = 99.0 * 3600;
  const auto whole = static_cast<int>(std::min(seconds, longest));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.{}f} {}", value, value < 100 ? 1 : 0, units[unit]);
}

progress::progress(int terminal, std::string title, words said)
    : terminal_(terminal), title_(std::move(title)), said_(std::move(said)) {}

progress::~progress() {
  if (drawn_) draw(terminal_, wipe);
}

std::string progress::figures(std::uint64_t bytes, std::optional<std::uint64_t> size) const {
  const auto elapsed = std::chrono::steady_clock::now() - began_;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double speed = seconds > 0 ? static_cast<double>(bytes) / seconds : 0;
  const std::string so_far = human_bytes(bytes);
  const std::string rest =
      fmt::format("  {}/s  {}", human_bytes(static_cast<std::uint64_t>(speed)), minutes_and_seconds(seconds));
  if (!size) return fmt::format("  {}{}  {}", so_far, rest, said_.size_unknown);
  // Rounded down: 100 % is all of it and not nearly all.
  const double share = *size > 0 ? std::floor(100 * static_cast<double>(bytes) / static_cast<double>(*size)) : 100;
  const std::string left =
      speed > 0 ? minutes_and_seconds(static_cast<double>(*size - std::min(bytes, *size)) / speed) : "-:--";
  return fmt::format("  {:.0f}%  {} / {}{}  {}", share, so_far, human_bytes(*size), rest,
                     fmt::format(fmt::runtime(said_.time_left), left));
}

void progress::update(std::uint64_t bytes, std::optional<std::uint64_t> size) {
  if (terminal_ < 0) return;
  const std::string told = figures(bytes, size);
  // The figures matter more than the end of a long name; the last column stays free, or some terminals wrap.
  const std::size_t room = columns(terminal_) - 1;
  const std::size_t for_figures = text::display_width(told);
  const auto title = fitting(title_, room > for_figures ? room - for_figures : 0);
  draw(terminal_, fmt::format("{}{}{}", wipe, title, fitting(told, room)));
  drawn_ = true;
}

}  // namespace sampan::ui
