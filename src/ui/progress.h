// Lines on a terminal that tell how transfers get on.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace sampan::ui {

/// `12.3 MiB`: three digits and a binary unit.
std::string human_bytes(std::uint64_t bytes);

/// The speed of the last seconds, so that a stop shows at once and what was there before does not count. Thread: one.
class speedometer {
 public:
  using clock = std::chrono::steady_clock;
  /// @param bytes  in all; fewer than the last time: begins anew
  void see(clock::time_point now, std::uint64_t bytes);
  double bytes_per_second() const;

 private:
  struct sample {
    clock::time_point when;
    std::uint64_t bytes;
  };
  std::deque<sample> samples_;  // oldest first; the last one is the latest that was seen
};

/// One transfer as it is shown.
struct transfer {
  std::string title;  ///< already escaped
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> size;  ///< of the whole
  double speed = 0;                   ///< bytes a second
  std::chrono::seconds elapsed{};
  unsigned connections = 1;
  std::string doing;  ///< already escaped; while it is not empty it stands for speed and time
};

/// The translated words of a line.
struct words {
  std::string size_unknown;  ///< told while the size is
  std::string time_left;     ///< `{} left`: fmt's placeholder gets the time
  std::string connections;   ///< `{} connections`
  std::string more;          ///< `and {} more`
};

/// A line of at most `columns` columns, without its end. What matters least is left out first; a title too wide is cut.
/// @param title_columns  as wide as the title shall stand, where there is room: lines one above the other get one width
std::string line_of(const transfer& one, const words& said, std::size_t columns, std::size_t title_columns);

/// Draws lines over its last ones, as wide and as many as the terminal has now; wipes them at the end. Thread: one at a time.
class board {
 public:
  /// @param terminal  the descriptor to draw on
  board(int terminal, words said) : terminal_(terminal), said_(std::move(said)) {}
  ~board() { wipe(); }
  board(const board&) = delete;
  board& operator=(const board&) = delete;

  /// Those that have no line of their own are summed up in the last one.
  void draw(const std::vector<transfer>& all);
  /// Makes room for other text.
  void wipe();

 private:
  int terminal_;
  words said_;
  std::size_t lines_ = 0;  // on the terminal now; the cursor is in the last
};

}  // namespace sampan::ui
