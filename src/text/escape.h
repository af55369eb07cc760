// Text from a peer made safe to show: in a message, in a log line, on a terminal, in a page, in JSON.
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

/// escape_log() behind what `out` holds: no allocation where its capacity is enough. `bytes` must not lie in `out`.
void append_escaped_log(std::string& out, std::string_view bytes);

/// For a quoted field of a log in the combined format: `"`, `\`, all that escape_terminal() escapes and bytes that are no UTF-8 become
/// `\xHH` (capitals), byte by byte, as nginx writes them. Every input has its own output; the result holds no quote and no control.
/// Appended as by append_escaped_log(). Cost: O(n). Thread: pure. Source: nginx, log_format, escape=default.
void append_escaped_quoted(std::string& out, std::string_view bytes);

/// As escape_terminal(), for HTML: `&`, `<`, `>`, `"` and `'` become character references too. For text, for the title element, and for
/// attribute values within quotes; not for URLs (percent_encode()), scripts or styles.
/// Cost: O(n). Thread: pure. Source: HTML Standard, 13.1.2 and 13.1.4.
std::string escape_html(std::string_view bytes);

/// What stands between the quotes of a JSON string. `"`, `\` and controls are escaped as JSON has it, bytes that are no UTF-8 become U+FFFD,
/// one by one. So are, as `\u202e`, all that escape_terminal() escapes: the value is the same, and the JSON safe on a terminal.
/// The result is valid UTF-8 without control characters. Cost: O(n). Thread: pure. Source: RFC 8259 7, 8.1.
std::string escape_json(std::string_view bytes);

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
