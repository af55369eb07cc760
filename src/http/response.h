// Heads of HTTP/1.x answers: read as they come, and how their bodies end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sampan::http {

struct response_field {
  std::string name;   ///< as sent; a token, not empty
  std::string value;  ///< without the blanks around it; any bytes but NUL, CR and LF
};

/// The head of one answer. Texts are the server's: escape before showing.
struct response_head {
  int version_minor = 1;  ///< of HTTP/1.x
  int status = 0;         ///< 100 to 599 (RFC 9110 15)
  std::string reason;     ///< may be empty
  std::vector<response_field> fields;

  /// The values of all fields of this name, in order. @param name  compared without regard to case (RFC 9110 5.1)
  std::vector<std::string_view> values(std::string_view name) const;
};

/// Reads a head line by line. Tolerated, since servers do it and it is clear what they mean: lines that end in LF alone, a
/// status line without reason or the blank before it, folded field lines (a fold is one blank). Refused: all that could be
/// read in two ways, such as blanks before the colon, NUL, or CR without LF. The answer does not depend on how the bytes are split.
/// Memory: at most the longest head and its fields. Thread: one at a time. Source: RFC 9112 2.2, 4, 5.
class response_parser {
 public:
  enum class state { more, complete, malformed };
  struct step {
    std::size_t taken = 0;  ///< bytes used up; behind a complete head the body begins
    state now = state::more;
  };

  /// Goes on to the end of the head. After `complete` or `malformed` it says so again and takes nothing. Cost: O(taken).
  step feed(std::string_view bytes);

  /// The head, once it is complete.
  const response_head& head() const noexcept { return head_; }
  /// Why it is malformed: plain words, a literal.
  const char* problem() const noexcept { return problem_; }

  /// Status line, fields and all line ends. Several times what servers send with large cookies.
  static constexpr std::size_t longest_head = 64 * 1024;
  /// More fields than any server has use for; each costs memory beyond its bytes.
  static constexpr std::size_t most_fields = 200;

 private:
  state fail(const char* problem);
  state take_line();
  state take_status_line(std::string_view line);
  state take_field_line(std::string_view line);

  response_head head_;
  std::string line_;  // what has come of the line
  std::size_t total_ = 0;
  bool has_status_line_ = false;
  state now_ = state::more;
  const char* problem_ = "";
};

/// How the end of a body is told.
enum class body_end { none, length, chunked, close };

struct body_framing {
  body_end end = body_end::close;
  std::uint64_t length = 0;  ///< body_end::length: bytes, below 2^63
  const char* problem = "";  ///< not empty: no end can be trusted, for fault of the field that `end` tells of
};

/// How the body behind this head ends. Of what RFC 9112 6.3 leaves to choice: a length beside a transfer coding does not count (but
/// nothing that follows on the connection can be trusted), several lengths that differ are a problem, and the same length repeated is one. The only coding is `chunked`, as no other was asked for.
/// @param to_head  the request was HEAD: no body
/// Cost: O(fields). Thread: pure. Source: RFC 9112 6.1-6.3; RFC 9110 8.6.
body_framing framing_of(const response_head& head, bool to_head = false);

}  // namespace sampan::http
