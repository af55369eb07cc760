// One line on a terminal that tells how a transfer gets on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sampan::ui {

/// `12.3 MiB`: three digits and a binary unit.
std::string human_bytes(std::uint64_t bytes);

/// Draws over its own line, cut to the terminal's width; wipes it at the end. Thread: one.
class progress {
 public:
  /// @param terminal  the descriptor to draw on; -1: draw nothing
  /// @param title     already escaped
  /// @param note      told after the figures, e.g. that the size is unknown
  progress(int terminal, std::string title, std::string note);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void update(std::uint64_t bytes);

 private:
  int terminal_;
  std::string title_;
  std::string note_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool drawn_ = false;
};

}  // namespace sampan::ui
