// Automatic replies: which message is answered with what.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sampan/error.h"
#include "text/decoder.h"
#include "text/encoder.h"

namespace sampan::talk {

/// What `{time}`, `{count}` and `{peer}` stand for; ASCII.
struct reply_facts {
  std::string time;         ///< `2026-03-01 14:05:09`, local
  std::uint64_t count = 0;  ///< replies to this peer
  std::string peer;         ///< `127.0.0.1:36850`
};

/// `now` for reply_facts::time. Thread: any.
std::string local_time_text();

/// A text with escapes (talk/escapes.h) and placeholders, encoded once. Copies are cheap.
class reply_text {
 public:
  /// @error as encode_escaped()
  static result<reply_text> read(std::string_view written, text::encoder encoder);
  /// A text without either. @error as encoder::encode()
  static result<reply_text> literal(std::string_view text, text::encoder encoder);

  /// Appends its bytes for the wire. @param encoder  of the encoding that the text was read for
  void append(std::string& out, const reply_facts& facts, text::encoder encoder) const;

 private:
  enum class part : unsigned char { bytes, time, count, peer };
  std::vector<std::pair<part, std::string>> parts_;
};

/// A list of rules, each written `[KIND:]PATTERN=>REPLY`.
/// - KIND is `exact` (if none is written), `contains`, `prefix` or `regex`. Patterns but a regex may hold escapes; the pattern of a regex is RE2's.
/// - An empty PATTERN answers what no other rule does.
/// - A text without `=>` is a reply to everything, taken literally: no escapes, no placeholders.
/// What is compared is text as it is shown, so that a byte that is no character is `\xHH` on both sides.
/// Thread: one at a time.
class reply_rules {
 public:
  /// @error errc::bad_value: an escape, a regex (detail: RE2's words), or a pattern over longest_pattern; errc::not_encodable
  static result<reply_rules> read(const std::vector<std::string>& written, const text::encoder& encoder,
                                  const text::decoder& decoder);
  reply_rules();
  ~reply_rules();
  reply_rules(reply_rules&&) noexcept;
  reply_rules& operator=(reply_rules&&) noexcept;

  bool empty() const noexcept { return rules_.empty(); }

  /// Appends the answers to `message`. An `exact` pattern is compared with the whole message and with each of its lines, the others with its lines;
  /// line ends do not count. For each line the first rule that fits answers; when none fits any, that of the empty pattern does, once.
  /// @param facts  count is raised for each reply, before it is used
  /// @return how many replies there are
  std::size_t answer(std::string_view message, reply_facts& facts, const text::encoder& encoder,
                     std::string& out) const;

 private:
  struct rule;
  const rule* first_for(std::string_view line, bool exact_only) const;

  std::vector<rule> rules_;
};

/// Patterns are what a person types; RE2's time is linear in the message whatever they are, its memory bounded.
inline constexpr std::size_t longest_pattern = 1024;

}  // namespace sampan::talk
