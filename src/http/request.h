// The head of a request: what it says, and parsing it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/limits.h"

namespace sampan::http {

enum class method : unsigned char {
  get,
  head,
  options,
  other,    ///< known to RFC 9110 9.3 or RFC 5789, but not served: POST PUT DELETE PATCH TRACE CONNECT
  unknown,  ///< any other token; methods are case-sensitive (RFC 9110 9.1), so `get` is one
};

/// The fields that the server looks at. `count_` also stands for every other field.
enum class known : unsigned char {
  host,
  connection,
  content_length,
  transfer_encoding,
  expect,
  range,
  if_range,
  if_match,
  if_none_match,
  if_modified_since,
  if_unmodified_since,
  accept,
  accept_encoding,
  user_agent,
  referer,
  origin,
  want_repr_digest,
  count_
};

/// Which field `name` is, in any case; known::count_ if none of these. Cost: one comparison at most.
known known_field(std::string_view name) noexcept;

/// One field line; the value without blanks around it.
struct field {
  std::string_view name, value;
};

enum class body_kind : unsigned char {
  none,     ///< also with `Content-Length: 0`: nothing follows the head
  length,   ///< content_length bytes, 1 at least
  chunked,  ///< RFC 9112 7.1
};

/// A parsed head. All views are into the caller's buffer and live as long as its bytes. Large (3.3 KiB), as it has room for all
/// fields: meant to live once a thread. Not for several threads at once.
struct request_head {
  method verb = method::unknown;
  std::string_view method_name;
  std::string_view target;  ///< not empty; visible ASCII and bytes from 0x80
  int minor = 1;            ///< of HTTP/1.x: 0 or 1; a higher one counts as 1 (RFC 9110 2.5)
  std::size_t length = 0;   ///< bytes of the head in the buffer, empty lines before it and the blank line included
  bool keep_alive = false;  ///< the client lets the connection live on (RFC 9112 9.3)
  body_kind body = body_kind::none;
  std::uint64_t content_length = 0;  ///< bytes, below 2^63; 0 unless body is `length`
  bool expects_continue = false;     ///< asks for 100 before it sends the body; only in HTTP/1.1
  bool unknown_expectation = false;  ///< asks for something else in Expect, which may be answered 417; only in HTTP/1.1

  request_head() noexcept { first_.fill(absent); }

  bool has(known which) const noexcept { return first_[index(which)] != absent; }
  /// Of the first line of that name: data() is null if there is none, and not null if the value is empty.
  std::string_view value(known which) const noexcept {
    return has(which) ? fields_[first_[index(which)]].value : std::string_view{};
  }
  /// The values of all lines of that name joined by ", " (RFC 9110 5.3); empty if there is none. Cost: one copy for a single line.
  std::string combined(known which) const;
  /// Whether there are several lines of that name.
  bool repeated(known which) const noexcept { return (repeated_ >> index(which) & 1U) != 0; }
  /// All field lines, in the order they came.
  std::span<const field> fields() const noexcept { return {fields_.data(), count_}; }

  /// Back to a head without anything in it. Cost: does not depend on the room for fields.
  void clear() noexcept;
  /// Adds a field line; one beyond most_fields is dropped. `which` is known_field(line.name).
  void add(field line, known which) noexcept;

 private:
  static constexpr std::size_t index(known which) noexcept { return static_cast<std::size_t>(which); }
  static constexpr std::size_t known_count = static_cast<std::size_t>(known::count_);
  static constexpr std::uint8_t absent = 0xff;
  static_assert(most_fields < absent && known_count <= 32);

  std::array<std::uint8_t, known_count> first_;  // by field: where in fields_ its first line is
  std::uint32_t repeated_ = 0;                   // a bit for each known field
  std::size_t count_ = 0;                        // of fields_
  std::array<field, most_fields> fields_;
};

/// What parse_request() keeps of one connection between calls, so that a head that comes in many pieces costs O(n) in all. Zero
/// for a new request; left so when a call has given its answer.
struct parse_progress {
  std::uint32_t line = 0;      ///< where the line begins whose end has not come yet
  std::uint32_t searched = 0;  ///< before this there is no end of that line
  std::uint16_t fields = 0;    ///< complete field lines
  std::uint8_t empty_lines = 0;
  bool has_request_line = false;
};
static_assert(sizeof(parse_progress) <= 16);

enum class parse_status {
  incomplete,  ///< call again when there are more bytes
  done,
  refused,  ///< answer with `code` and close: where the next request begins is unknown
};

struct parse_result {
  parse_status status;
  int code;         ///< HTTP status when refused: 400, 414, 431, 501 or 505; else 0
  const char* why;  ///< short and English, for the log, when refused; else empty
};

/// Reads the head of a request. `bytes` is everything received since the end of the previous request; while the answer is
/// `incomplete`, the next call has the same bytes and more, at any address. The answer does not depend on how they were split: each
/// line is judged as soon as it is complete, the first wrong one decides, and what concerns several lines (Host, how the body is
/// framed) is judged when the blank line has come. Too long a method or target is refused while its line is still open.
///
/// A line ends in CRLF or in a single LF (RFC 9112 2.2 allows it), and up to two empty lines before the request are passed over.
/// Refused are: a CR elsewhere, control characters, folded lines, blanks before a colon (RFC 9112 5.1, 5.2), and every doubt about
/// where the body ends (RFC 9112 6.3). The syntax of Host and of the target is not looked at here, but for their characters.
///
/// `out` is complete when done; when refused, method and target are set if the request line was in order, and empty otherwise;
/// while incomplete it means nothing, and may serve other connections.
/// Cost: one pass, no allocation; 0.1 to 0.3 µs for usual heads. Thread: pure. Source: RFC 9112 2 to 6, 9.3; RFC 9110 5 to 7, 10.1.1.
parse_result parse_request(std::string_view bytes, const limits& allowed, parse_progress& progress,
                           request_head& out) noexcept;

}  // namespace sampan::http
