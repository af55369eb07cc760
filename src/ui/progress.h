// One line on a terminal that tells how a transfer gets on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sampan::ui {

/// `12.3 MiB`: three digits and a binary unit.
std::string human_bytes(std::uint64_t bytes);

/// Draws over its own line, cut to the terminal's width; wipes it at the end. Thread: one.
class progress {
 public:
  struct words {
    std::string size_unknown;  ///< told after the figures while the size is unknown
    std::string time_left;     ///< `{} left`: fmt's placeholder gets the time
  };
  /// @param terminal  the descriptor to draw on; -1: draw nothing
  /// @param title     already escaped
  progress(int terminal, std::string title, words said);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// @param size  of the whole, where it is known: then the share and the time that is left at the speed so far are told
  void update(std::uint64_t bytes, std::optional<std::uint64_t> size = {});

 private:
  std::string figures(std::uint64_t bytes, std::optional<std::uint64_t> size) const;

  int terminal_;
  std::string title_;
  words said_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool drawn_ = false;
};

}  // namespace sampan::ui
