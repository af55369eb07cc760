#include "ui/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

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

progress::progress(int terminal, std::string title, std::string note)
    : terminal_(terminal), title_(std::move(title)), note_(std::move(note)) {}

progress::~progress() {
  if (drawn_) draw(terminal_, wipe);
}

void progress::update(std::uint64_t bytes) {
  if (terminal_ < 0) return;
  const auto elapsed = std::chrono::steady_clock::now() - began_;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const auto speed = seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds) : 0;
  const auto whole = static_cast<int>(seconds);
  const std::string figures =
      fmt::format("  {}  {}/s  {}:{:02}  {}", human_bytes(bytes), human_bytes(speed), whole / 60, whole % 60, note_);
  // The figures matter more than the end of a long name; the last column stays free, or some terminals wrap.
  const std::size_t room = columns(terminal_) - 1;
  const std::size_t for_figures = text::display_width(figures);
  const auto title = fitting(title_, room > for_figures ? room - for_figures : 0);
  draw(terminal_, fmt::format("{}{}{}", wipe, title, fitting(figures, room)));
  drawn_ = true;
}

}  // namespace sampan::ui
