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

// Long enough to be read, short enough to follow what happens.
constexpr std::chrono::seconds speed_window{5};
constexpr std::chrono::milliseconds between_samples{200};
// Narrower titles say nothing any more: rather a figure less.
constexpr std::size_t least_title = 8;
constexpr std::size_t widest_bar = 30, least_bar = 8;

winsize size_of(int terminal) {
  winsize size{};
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0) size = {};
  if (size.ws_col == 0) size.ws_col = 80;
  if (size.ws_row == 0) size.ws_row = 24;
  return size;
}

void write_to(int terminal, std::string_view text) {
  [[maybe_unused]] const auto written = write(terminal, text.data(), text.size());  // a bar may be lost
}

// The longest beginning of the text that is at most `most` columns wide.
std::string_view beginning(std::string_view text, std::size_t most) {
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

std::string cut(std::string_view text, std::size_t most) {
  if (text::display_width(text) <= most) return std::string(text);
  return most == 0 ? std::string() : std::string(beginning(text, most - 1)) + "…";
}

// `12:05`. An estimate of more than 99 hours is no better than that one.
std::string minutes_and_seconds(double seconds) {
  constexpr double longest = 99.0 * 3600;
  const auto whole = static_cast<int>(std::min(seconds, longest));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

double share_of(const transfer& one) {
  if (!one.size) return 0;
  return *one.size > 0 ? std::min(1.0, static_cast<double>(one.bytes) / static_cast<double>(*one.size)) : 1;
}

std::string bar(double share, std::size_t columns) {
  const std::size_t inside = columns - 2;
  const auto full = static_cast<std::size_t>(share * static_cast<double>(inside));
  return '[' + std::string(full, '#') + std::string(inside - full, '.') + ']';
}

// In the order of the line; `weight`: the lightest is left out first.
struct figure {
  std::string text;
  int weight;
};

std::vector<figure> figures_of(const transfer& one, const words& said) {
  std::vector<figure> made;
  // Rounded down: 100 % is all of it and not nearly all.
  if (one.size) made.push_back({fmt::format("{:.0f}%", std::floor(100 * share_of(one))), 6});
  std::string so_far = human_bytes(one.bytes);
  if (one.size) so_far += " / " + human_bytes(*one.size);
  made.push_back({so_far, one.size ? 2 : 5});
  if (!one.doing.empty()) {
    made.push_back({one.doing, 4});
    return made;
  }
  made.push_back({human_bytes(static_cast<std::uint64_t>(one.speed)) + "/s", 4});
  if (one.size) {
    const auto rest = static_cast<double>(*one.size - std::min(one.bytes, *one.size));
    const std::string left = one.speed > 0 ? minutes_and_seconds(rest / one.speed) : "-:--";
    made.push_back({fmt::format(fmt::runtime(said.time_left), left), 3});
  } else {
    made.push_back({minutes_and_seconds(static_cast<double>(one.elapsed.count())), 3});
    made.push_back({said.size_unknown, 1});
  }
  if (one.connections > 1) made.push_back({fmt::format(fmt::runtime(said.connections), one.connections), 0});
  return made;
}

std::size_t width_of(const std::vector<figure>& all) {
  std::size_t width = 0;
  for (const figure& one : all) width += 2 + text::display_width(one.text);
  return width;
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

void speedometer::see(clock::time_point now, std::uint64_t bytes) {
  if (!samples_.empty() && bytes < samples_.back().bytes) samples_.clear();
  const auto count = samples_.size();
  if (count > 1 && samples_[count - 1].when - samples_[count - 2].when < between_samples) samples_.pop_back();
  samples_.push_back({now, bytes});
  while (samples_.size() > 2 && now - samples_[1].when >= speed_window) samples_.pop_front();
}

double speedometer::bytes_per_second() const {
  if (samples_.size() < 2) return 0;
  const sample& first = samples_.front();
  const sample& last = samples_.back();
  const double seconds = std::chrono::duration<double>(last.when - first.when).count();
  return seconds > 0 ? static_cast<double>(last.bytes - first.bytes) / seconds : 0;
}

std::string line_of(const transfer& one, const words& said, std::size_t columns, std::size_t title_columns) {
  auto figures = figures_of(one, said);
  const std::size_t title_width = std::min(title_columns, std::max(least_title, columns / 2));
  const auto lighter = [](const figure& a, const figure& b) { return a.weight < b.weight; };
  while (!figures.empty() && width_of(figures) + std::min(title_width, least_title) > columns) {
    const auto least = std::min_element(figures.begin(), figures.end(), lighter);
    if (figures.size() == 1) {  // the only one is rather cut than left out
      least->text = cut(least->text, columns > least_title + 2 ? columns - least_title - 2 : 0);
      break;
    }
    figures.erase(least);
  }
  const std::size_t taken = width_of(figures);
  const std::size_t room = columns > taken ? columns - taken : 0;
  // Beside a bar the title has at most half of the line; without one, all that there is.
  const bool has_bar = one.size && one.doing.empty() && room >= title_width + 2 + least_bar;
  const std::string title = cut(one.title, std::min(room, has_bar ? title_width : title_columns));
  std::string line = title;
  const std::size_t width = text::display_width(title);
  const std::size_t wanted = std::min(room, has_bar ? title_width : title_columns);
  if (wanted > width) line.append(wanted - width, ' ');
  if (has_bar) line += "  " + bar(share_of(one), std::min(widest_bar, room - title_width - 2));
  for (const figure& each : figures) line += "  " + each.text;
  return cut(line, columns);
}

void board::draw(const std::vector<transfer>& all) {
  const winsize size = size_of(terminal_);
  // The last column stays free, or some terminals wrap; the first line, so that a full screen does not scroll.
  const std::size_t columns = size.ws_col - 1U;
  const std::size_t most = std::max<std::size_t>(1, size.ws_row - 1U);
  const std::size_t shown = all.size() > most ? most - 1 : all.size();
  std::size_t widest = 0;
  for (std::size_t i = 0; i < shown; ++i) widest = std::max(widest, text::display_width(all[i].title));
  std::string text = lines_ > 1 ? fmt::format("\r\x1b[{}A", lines_ - 1) : "\r";
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i > 0 ? "\n\x1b[K" : "\x1b[K") + line_of(all[i], said_, columns, widest);
  }
  if (shown < all.size()) {
    transfer rest;
    for (std::size_t i = shown; i < all.size(); ++i) {
      rest.bytes += all[i].bytes;
      rest.speed += all[i].speed;
    }
    const std::string line = fmt::format("{}  {}  {}/s", fmt::format(fmt::runtime(said_.more), all.size() - shown),
                                         human_bytes(rest.bytes), human_bytes(static_cast<std::uint64_t>(rest.speed)));
    text += (shown > 0 ? "\n\x1b[K" : "\x1b[K") + cut(line, columns);
  }
  write_to(terminal_, text + "\x1b[J");
  lines_ = std::max<std::size_t>(1, std::min(all.size(), most));
}

void board::wipe() {
  if (lines_ == 0) return;
  write_to(terminal_, lines_ > 1 ? fmt::format("\r\x1b[{}A\x1b[J", lines_ - 1) : "\r\x1b[J");
  lines_ = 0;
}

}  // namespace sampan::ui
