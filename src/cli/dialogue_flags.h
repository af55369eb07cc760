// The options that `listen` and `talk` share: what is sent, what is said by itself, how traffic is shown and kept.
#pragma once

#include <array>

#include "cli/flags.h"
#include "cli/i18n.h"
#include "cli/traffic.h"
#include "sampan/talk_forms.h"

namespace sampan::cli {

inline constexpr flag dialogue_flags[] = {
    {"-C,--crlf", nullptr, N_("send line ends as CR LF")},
    {"--raw", nullptr, N_("bytes in a pipe, in and out, are passed on as they are, not as text")},
    {"--escapes", nullptr, N_("\\xHH \\r \\n \\t \\0 \\\\ in what is sent stand for bytes")},
    {"--checksum", "KIND", N_("behind each message sent: crc16, crc32, sum or xor (none)")},
    {"--reply", "RULE",
     N_("[KIND:]PATTERN=>REPLY or a text for any message; KIND exact, contains, prefix, regex; may be repeated"),
     repeats::lines},
    {"--reply-delay", "TIME", N_("from the end of a message to its automatic reply (0)")},
    {"--reply-limit", "N", N_("automatic replies to one peer within 10 s; 0: any number (50)")},
    {"--every", "TIME", N_("send a text again and again")},
    {"--send", "TEXT", N_("the text for --every, with escapes, {time}, {count}, {peer}")},
    {"--view", "HOW", N_("show what comes as text, hex or both (text)")},
    {"--frame", "HOW", N_("what makes a record: line, a size in bytes, or a gap such as 20ms (what one read gave)")},
    {"--time", nullptr, N_("show records with their time")},
    {"--json", nullptr, N_("show records as lines of JSON")},
    {"--log", "FILE", N_("append records to FILE; as JSON if its name ends in .json, .jsonl or .ndjson")},
    {"-x,--hex-dump", "FILE", N_("append records to FILE in hexadecimal")},
    {"--commands", nullptr, N_("obey lines such as /quit also when no person types")},
};

/// Two tables as one.
template <std::size_t A, std::size_t B>
constexpr std::array<flag, A + B> joined(const flag (&first)[A], const flag (&second)[B]) {
  std::array<flag, A + B> all{};
  for (std::size_t i = 0; i < A; ++i) all[i] = first[i];
  for (std::size_t i = 0; i < B; ++i) all[A + i] = second[i];
  return all;
}

/// Reads these options into `form` and `view`. @error errc::bad_value, unknown_encoding
result<void> read_dialogue(const arguments& given, talk::dialogue_form& form, traffic_view& view);

}  // namespace sampan::cli
