// All that depends on the encoding in which a peer is talked to.
#pragma once

#include "sampan/talk_forms.h"
#include "talk/composer.h"
#include "talk/rules.h"
#include "talk/storm_guard.h"
#include "text/decoder.h"

namespace sampan::talk {

/// Thread: as text::encoder.
struct voice {
  text::encoding which;
  text::decoder decoder;  ///< to be copied by another()
  composer typed;
  reply_rules rules;
  reply_text periodic;

  /// Whether bytes that came are rather UTF-8 than this encoding: two characters at least, all of them whole. In GBK they would be words of rare
  /// characters that nobody writes.
  bool mistakes_utf8(std::string_view bytes) const noexcept;
  /// @param encoding  instead of form.encoding
  /// @param otherwise  the reply to any message where form.replies is not given; empty: none
  /// @error errc::unknown_encoding, not_encodable, bad_value (a rule), system
  static result<voice> open(const dialogue_form& form, std::string_view encoding, std::string_view otherwise = {});
};

/// Automatic replies to one peer. Thread: one at a time.
class replier {
 public:
  replier(unsigned limit, std::string peer) : guard_(limit) { facts_.peer = std::move(peer); }

  /// Bytes to send, with their check value; empty: no rule fits, or there were too many replies.
  std::string answer(const voice& tongue, std::string_view message, storm_guard::clock::time_point now);
  /// The periodic text, likewise; not counted against the limit.
  static std::string periodic(const voice& tongue, std::uint64_t count, std::string peer);
  /// Whether replies have been dropped and that was not told yet.
  bool dropped_untold() { return std::exchange(untold_, false); }

 private:
  storm_guard guard_;
  reply_facts facts_;
  bool untold_ = false;
};

}  // namespace sampan::talk
