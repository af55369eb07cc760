// Text from a peer made safe to show: in a message, in a log line, on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace sampan::text {

/// Makes `bytes` from a peer safe inside one line on a terminal (messages, titles, labels, bars).
/// Written as escapes: NUL `\0`, `\t`, `\n`, `\r`, other C0 and DEL `\x1b`; as `\u{202e}` (lower-case hex, no leading zeros): C1
/// (U+0080-009F), bidi controls, zero-width characters, line and paragraph separators, other invisible format characters and tags;
/// bytes that are no UTF-8 as `\xff`, one by one. All else, the backslash too, stays: the result reads well, but a peer can write an
/// escape by hand. Where that matters use escape_log().
/// The result is valid UTF-8 without control characters. Cost: O(n). Thread: pure. Source: cli.md; UAX #9 for the bidi controls.
std::string escape_terminal(std::string_view bytes);

/// As escape_terminal(), and `\` becomes `\\`: every input has its own output, so one log line has one meaning.
std::string escape_log(std::string_view bytes);

/// A conversation's text for a terminal, chunk by chunk: as escape_terminal(), but LF and TAB stay, and CR LF becomes LF, also when
/// the two come in different chunks. A lone CR is `\r`: raw, it would let a peer write over its own label.
/// Thread: one thread at a time.
class stream_escaper {
 public:
  /// @param utf8  whole characters (a decoder's output); broken ones are escaped byte by byte.
  void feed(std::string_view utf8, std::string& out);
  /// The text has ended: a CR that was held back for a possible LF is written.
  void finish(std::string& out);

 private:
  bool held_cr_ = false;
};

}  // namespace sampan::text
