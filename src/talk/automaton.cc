#include "talk/automaton.h"

#include <algorithm>
#include <utility>

namespace sampan::talk {

automaton::automaton(const client_options& options, const voice& tongue, std::string peer, clock::time_point now)
    : options_(options), tongue_(tongue), peer_(std::move(peer)), replier_(options.reply_limit, peer_) {
  if (options_.every.count() > 0) periodic_due_ = now;
  if (replaying()) step_due_ = now + options_.replay.front().pause;
}

void automaton::heard(std::string_view text, bool half_character, clock::time_point now) {
  if (tongue_.rules.empty()) return;
  message_ += text;
  message_ends_ = now + (half_character ? std::max(options_.quiet, options_.message_quiet) : options_.message_quiet);
  if (message_.size() >= longest_message) end_message(now);
}

void automaton::heard_the_end(clock::time_point now) {
  if (message_ends_ != never) end_message(now);
}

void automaton::end_message(clock::time_point now) {
  reply_ += replier_.answer(tongue_, message_, now);
  message_.clear();
  message_ends_ = never;
  if (!reply_.empty() && reply_due_ == never) reply_due_ = now + options_.reply_delay;
}

automaton::clock::time_point automaton::due() const noexcept {
  return std::min({message_ends_, reply_due_, periodic_due_, step_due_});
}

std::string automaton::take(clock::time_point now, bool peer_takes) {
  std::string bytes;
  if (message_ends_ <= now) end_message(now);
  if (reply_due_ <= now) {
    bytes += std::exchange(reply_, {});
    reply_due_ = never;
  }
  if (periodic_due_ <= now) {
    // Not from when it was due: a machine that slept must not send all it missed.
    periodic_due_ = now + options_.every;
    if (peer_takes) {
      bytes += replier::periodic(tongue_, ++periodic_count_, peer_);
      skipped_ = 0;
    } else {
      ++skipped_;
    }
  }
  if (step_due_ <= now && peer_takes) {
    bytes += options_.replay[next_step_++].bytes;
    step_due_ = replaying() ? now + options_.replay[next_step_].pause : never;
  }
  return bytes;
}

}  // namespace sampan::talk
