// What the client says by itself: replies, a periodic text, a replay. A function of times: no clock, no socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "sampan/talk.h"
#include "talk/voice.h"

namespace sampan::talk {

/// Thread: one at a time.
class automaton {
 public:
  using clock = std::chrono::steady_clock;
  /// @param options, tongue  live longer
  automaton(const client_options& options, const voice& tongue, std::string peer, clock::time_point now);

  /// Text came: it belongs to a message, which ends after a quiet time, or now if it is long.
  void heard(std::string_view text, bool half_character, clock::time_point now);
  /// The peer sends no more: the message has ended.
  void heard_the_end(clock::time_point now);

  /// When take() has something to do; time_point::max(): never.
  clock::time_point due() const noexcept;
  /// What is to be sent by now. @param peer_takes  all that was queued before has gone out; else the periodic text is skipped
  std::string take(clock::time_point now, bool peer_takes);

  /// A message is not complete, or its reply not due yet.
  bool answering() const noexcept { return message_ends_ != never || reply_due_ != never; }
  bool replaying() const noexcept { return next_step_ < options_.replay.size(); }
  bool dropped_untold() { return replier_.dropped_untold(); }
  /// Periodic texts skipped in a row so far.
  std::uint64_t skipped() const noexcept { return skipped_; }

 private:
  static constexpr clock::time_point never = clock::time_point::max();
  void end_message(clock::time_point now);

  const client_options& options_;
  const voice& tongue_;
  const std::string peer_;
  replier replier_;
  std::string message_;
  std::string reply_;  // delayed
  clock::time_point message_ends_ = never;
  clock::time_point reply_due_ = never;
  clock::time_point periodic_due_ = never;
  clock::time_point step_due_ = never;
  std::size_t next_step_ = 0;
  std::uint64_t periodic_count_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace sampan::talk
