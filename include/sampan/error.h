// The one error type of the library: what was being done, to what, and why it failed.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sampan {

/// Why an operation failed. The command line maps each code to one exit status (see docs/cli.md).
enum class errc : int {
  system = 1,  ///< a system call failed; error::number() holds errno

  // Wrong usage or input.
  bad_port,          ///< not a whole number from 1 (listeners: 0) to 65535
  bad_address,       ///< neither an IP address nor a host name
  bad_url,           ///< not a URL this command can use
  bad_name,          ///< a file name that cannot be asked for or stored
  bad_value,         ///< an option's value is out of range or of the wrong form
  unknown_encoding,  ///< not in the list of encodings
  empty_text,        ///< there is nothing to send
  end_of_input,      ///< input ended where an answer was needed

  // Connections.
  resolve_failed,       ///< the host name was not resolved; error::number() holds the EAI_ code
  connect_timeout,      ///< no answer to the connection request in time
  port_in_use,          ///< somebody else listens there; error::detail() may name the holder
  reply_timeout,        ///< connected, but the first byte did not come in time
  stalled,              ///< bytes came, then too few for too long
  connection_reset,     ///< the peer cut the connection
  cut_short,            ///< the peer ended the connection before its answer was complete
  certificate_refused,  ///< the server did not prove to be who was asked for; error::detail() says why
  tls_failed,           ///< no TLS came about, or it broke; error::detail() says why

  // Files.
  no_such_file,         ///< not there, or not to be shown
  nothing_received,     ///< a bare-name server closed without a byte: missing or empty
  not_the_file,         ///< the answer is another protocol's, not the file
  malformed_answer,     ///< the answer breaks the rules of its protocol
  unexpected_answer,    ///< an answer by the rules, but to something that was not asked
  redirected,           ///< the server names another place, error::detail()
  refused_by_peer,      ///< the server answered that it cannot or will not do this
  target_is_directory,  ///< the name to write to is a directory
  target_exists,        ///< the name to write to exists and must not be replaced
  part_not_ours,        ///< the unfinished file belongs to somebody else, or is no plain file
  target_busy,          ///< another run holds the same target
  short_file,           ///< a file got shorter while it was being sent
  changed,              ///< what the server has now is not what was there before
  digest_mismatch,      ///< the bytes are not those that a digest was made of
  unproved,             ///< it may be right, but nothing proves it, and that was asked for

  // Text.
  not_encodable,  ///< a character does not exist in the chosen encoding

  interrupted,  ///< SIGINT or SIGTERM; error::number() holds the signal
};

/// What there is of a transfer that did not come to its end.
struct unfinished {
  std::string path;                   ///< the file it is kept in; empty: nothing is kept
  std::uint64_t bytes = 0;            ///< that came
  std::optional<std::uint64_t> size;  ///< of the whole, if it was announced
};

/// An error: a code, the operation that failed, and its subject (a path, an address, a name). 32 bytes; cheap to move.
/// Printed as `open /srv/a.iso: Permission denied`. Subjects may hold a peer's bytes: escape before showing.
/// Thread: immutable, may be shared.
class error {
 public:
  /// No error at all; only what result<T>::error() of a success returns.
  error() noexcept = default;
  /// @param operation  a string literal, e.g. "open": lives for ever, is translated by the command line.
  static error make(errc code, const char* operation, std::string_view subject, std::string_view detail = {});
  /// As make(errc::system, …) with an errno value.
  static error system(int number, const char* operation, std::string_view subject);
  /// As make(), with a number that explains the code (EAI_ code, signal).
  static error numbered(errc code, int number, const char* operation, std::string_view subject);

  /// The same with one more fact for the message, or with a number.
  error with_detail(std::string_view detail) const;
  error with_number(int number) const;
  error with_unfinished(const unfinished& what) const;

  errc code() const noexcept { return code_; }
  int number() const noexcept { return number_; }
  const char* operation() const noexcept { return operation_; }
  /// What it was done to; unescaped.
  const std::string& subject() const noexcept;
  /// One more fact for the message (a port's holder, a character); empty when there is none; unescaped.
  const std::string& detail() const noexcept;
  /// What came before it failed; path unescaped.
  const std::optional<unfinished>& what_came() const noexcept;
  /// True for errc::system with this errno.
  bool is_system(int number) const noexcept { return code_ == errc::system && number_ == number; }
  /// English, unescaped, one line: `operation subject: reason`.
  std::string message() const;

 private:
  struct texts {
    std::string subject;
    std::string detail;
    std::optional<unfinished> what_came;
  };
  error(errc code, int number, const char* operation, texts about);

  errc code_{};
  int number_ = 0;
  const char* operation_ = "";
  std::shared_ptr<const texts> texts_;
};
static_assert(sizeof(error) <= 32);

/// The code's plain English reason, without operation or subject.
const char* reason(errc code) noexcept;

/// What result<T>::value() throws when there is none: only for tests and start-up.
struct failure : std::runtime_error {
  explicit failure(error e) : std::runtime_error(e.message()), cause(std::move(e)) {}
  error cause;
};
[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) { throw failure(e); }

/// A value or an error. No exceptions on the paths that serve peers.
template <class T>
using result = boost::system::result<T, error>;

}  // namespace sampan
