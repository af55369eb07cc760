// One stream of bytes cut into the records that are shown and logged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sampan/talk_forms.h"

namespace sampan::talk {

/// Where the cuts are depends on the bytes alone, not on how they were split into reads, but for framing::by::read and ::gap, which
/// are about time. Nothing is lost or held beyond longest_record. Thread: one at a time.
class framer {
 public:
  explicit framer(framing how) noexcept : how_(how) {}

  /// Appends the records that these bytes complete.
  void feed(std::string_view bytes, std::vector<std::string>& records);
  /// The gap has passed, or the stream has ended: what is held is a record.
  void finish(std::vector<std::string>& records);
  bool holding() const noexcept { return !held_.empty(); }

 private:
  std::size_t wanted(std::string_view bytes) const noexcept;

  framing how_;
  std::string held_;
};

}  // namespace sampan::talk
