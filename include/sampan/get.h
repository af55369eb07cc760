// Downloading: the public API of `sampan get`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sampan/error.h"

namespace sampan {

/// Where a file is, and how to ask for it.
struct get_source {
  std::string host;
  std::uint16_t port = 7890;
  std::string name;         ///< any bytes but NUL, as the server knows it
  bool http_first = false;  ///< no scheme was given: HTTP is tried, and the bare form if that closes without a byte
};

/// Reads `tcp://HOST[:PORT]/NAME` or `HOST[:PORT]/NAME`. The name is percent-decoded; `?` and `#` belong to it, since a
/// bare name has no query. @error errc::bad_url, bad_address, bad_port, bad_name
result<get_source> parse_get_url(std::string_view url);

struct get_options {
  std::string output;       ///< file to write; empty: the name's last component, made safe
  int output_fd = -1;       ///< write there instead; `output` only names it
  std::string directory;    ///< where names are relative to; empty: the current one; made when it is missing
  std::string prefix;       ///< put before a name that comes from the URL: `[接收]` in the prompted form
  bool no_clobber = false;  ///< an existing target is an error
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{30'000};        ///< without a byte
  int interrupt_fd = -1;                                 ///< readable: give up (errc::interrupted, without a number)
  std::function<void(std::uint64_t bytes)> on_progress;  ///< now and then, on the calling thread
};

struct get_outcome {
  std::string path;  ///< the file written
  std::uint64_t bytes = 0;
  bool fell_back = false;  ///< the bare form was used because HTTP got no answer
};

/// Fetches one file with the bare-name protocol, whose length nobody can check. The target is absent, old, or complete:
/// bytes go to `TARGET.part`, which is synced and renamed at the end of the connection, and kept when that did not come
/// cleanly (detail(): what was kept).
/// @error bad_name (no last component and no output), nothing_received, connection_reset, stalled, reply_timeout, not_the_file, unsupported_by_peer, target_…,
///        part_not_ours, connection errors, errc::system (disk), interrupted
/// Blocks. Thread: any, but no two with one target.
result<get_outcome> get(const get_source& source, const get_options& options);

}  // namespace sampan
