// Downloading: the public API of `sampan get`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sampan/error.h"

namespace sampan {

enum class get_protocol {
  bare,          ///< by bare name
  http_or_bare,  ///< HTTP; by bare name if the server closes that connection without a byte
  http           ///< HTTP/1.1
};

/// Where a file is, and how to ask for it.
struct get_source {
  std::string host;
  std::uint16_t port = 7890;
  std::string
      name;  ///< any bytes but NUL, as the server knows it; with `http` it may be empty, and names only the target
  get_protocol protocol = get_protocol::bare;
  std::string request_target;  ///< not for `bare`: path and query as they are sent, percent-encoded (RFC 9112 3.2.1)
  bool tls = false;            ///< HTTP over TLS
  std::string user = {}, password = {};  ///< any bytes but controls, no `:` in the user; never shown again
  bool has_credentials = false;
};

/// Reads `http[s]://[USER[:PASSWORD]@]HOST[:PORT][/PATH][?QUERY]`, `tcp://HOST[:PORT]/NAME` or `HOST[:PORT]/NAME`; without PORT it is
/// 7890 for tcp, 443 for https and 80 for the others. Path, name, user and password are percent-decoded. Without a scheme of HTTP, `?`
/// and `#` belong to the name, since a bare name has no query. Errors show no user and no password.
/// @error errc::bad_url, bad_address, bad_port, bad_name
result<get_source> parse_get_url(std::string_view url);

struct get_options {
  std::string output;       ///< file to write; empty: the name's last component, made safe
  int output_fd = -1;       ///< write there instead; `output` only names it
  std::string directory;    ///< where names are relative to; empty: the current one; made when it is missing
  std::string prefix;       ///< put before a name that comes from the URL: `[接收]` in the prompted form
  bool no_clobber = false;  ///< an existing target is an error
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{30'000};  ///< without a byte
  int interrupt_fd = -1;                           ///< readable: give up (errc::interrupted, without a number)
  /// Now and then, on the calling thread: bytes so far, and of the whole file where the server announced it.
  std::function<void(std::uint64_t bytes, std::optional<std::uint64_t> size)> on_progress;
};

struct get_outcome {
  std::string path;  ///< the file written
  std::uint64_t bytes = 0;
  bool fell_back = false;     ///< the bare form was used because HTTP got no answer
  bool length_known = false;  ///< the server told the length or marked the end, so the file is whole
  bool surplus = false;       ///< the server sent more than it had announced; it was not taken
};

/// Fetches one file. The target is absent, old, or complete: bytes go to `TARGET.part`, which is synced and renamed at the
/// end, and kept when that did not come cleanly (error::what_came()). A length that nobody told cannot be checked.
/// @error bad_name (no last component and no output), no_such_file, nothing_received, redirected, refused_by_peer, unexpected_answer,
///        malformed_answer, not_the_file, cut_short, connection_reset, stalled, reply_timeout, target_…, part_not_ours, connection
///        errors, errc::system (disk), interrupted
/// Blocks. Thread: any, but no two with one target.
result<get_outcome> get(const get_source& source, const get_options& options);

}  // namespace sampan
