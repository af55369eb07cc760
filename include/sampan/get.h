// Downloading: the public API of `sampan get`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

enum class get_family { any, v4, v6 };

/// What proxies there are, each as `[http://][USER:PASSWORD@]HOST[:PORT]`; empty: none.
struct get_proxies {
  std::string http, https;
  std::string all;   ///< for both, where the others are empty
  std::string none;  ///< no_proxy: hosts that are asked directly, in the spelling of curl
};

/// Something that happened in a download, for whoever shows or records it.
struct get_event {
  enum class kind {
    doing,  ///< `what` is being done now: a literal, e.g. "connecting". The first event of each get(): the URL's name is taken
    moved,     ///< a redirect led to `url`
    begin,     ///< bytes begin to come for `path`, of which `bytes` are there from an earlier run
    progress,  ///< now and then: `bytes` of `size`
    note,      ///< `what` is worth knowing (a literal), with `why` as its detail
    retry,     ///< `why` it failed; tried again after `pause`
    restart,   ///< the file changed (`why`): fetched anew
    verified,  ///< its digest was right; `what` names the algorithm
  };
  kind now = kind::doing;
  std::string_view path;  ///< the file to be written; may be empty before `begin`
  std::string_view url;   ///< without credentials
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> size;
  unsigned connections = 1;
  const char* what = "";
  const error* why = nullptr;
  std::chrono::milliseconds pause{};
};

/// SHA-256 digests of a file's pieces, all of one length but the last.
struct get_pieces {
  std::uint64_t length = 0;         ///< bytes; 0: none are known
  std::vector<std::string> sha256;  ///< 32 bytes each
};

struct get_options {
  // Where it goes.
  std::string output;  ///< file to write; empty: the name the server gives, or else the URL's last component, made safe
  int output_fd = -1;  ///< write there instead; `output` only names it
  std::string directory;     ///< where names are relative to; empty: the current one; made when it is missing
  std::string prefix;        ///< put before a name that comes from the URL: `[接收]` in the prompted form
  bool no_clobber = false;   ///< an existing target is an error
  bool sync = true;          ///< the file is on the disk before its name is
  bool keep_time = true;     ///< the file's time is the server's Last-Modified
  bool note_origin = false;  ///< the attribute user.xdg.origin.url says where it is from

  // What has to hold.
  std::string sha256;          ///< 32 bytes; empty: not known
  get_pieces pieces;           ///< of a file that proves wrong only those that are wrong are fetched again
  bool strict = false;         ///< what cannot be proved is an error
  bool no_restart = false;     ///< a file that changed is an error, not fetched anew
  bool trust_overlap = false;  ///< bytes that are the same where they were compared outweigh another ETag

  // How long, how often, how fast.
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{30'000};    ///< without a byte
  std::uint64_t low_speed = 1024;                    ///< bytes a second; slower than that for…
  std::chrono::milliseconds low_speed_time{30'000};  ///< …this long counts as stalled
  unsigned retries = 5;                              ///< after tries that brought nothing
  std::chrono::milliseconds retry_pause{1000};  ///< at most, before the second try; doubled with each, up to a minute
  unsigned connections = 0;                     ///< 1 to 16; 0: as many as help
  std::uint64_t rate = 0;  ///< at most so many bytes a second, all connections together; 0: as they come

  // How it is asked for.
  std::vector<get_source> mirrors;  ///< other places of the same file
  get_family family = get_family::any;
  std::string ca_file;  ///< the certificates to trust, PEM; empty: the system's
  get_proxies proxies;
  std::string netrc;                ///< a netrc file's text
  bool netrc_plain = false;         ///< its passwords may go over plain HTTP
  std::vector<std::string> fields;  ///< `Name: value`, added to requests
  std::string user_agent;           ///< empty: sampan's

  int interrupt_fd = -1;                           ///< readable: give up (errc::interrupted, without a number)
  std::function<void(const get_event&)> on_event;  ///< on the calling thread
};

struct get_outcome {
  std::string path;  ///< the file written
  std::uint64_t bytes = 0;
  bool fell_back = false;     ///< the bare form was used because HTTP got no answer
  bool length_known = false;  ///< the server told the length or marked the end, so the file is whole
  bool surplus = false;       ///< the server sent more than it had announced; it was not taken
  bool verified = false;      ///< a digest was known, and it was right
};

/// What several downloads share: kept connections, TLS sessions, the rate, the names of files. Thread: get() from several.
class get_run {
 public:
  /// @error bad_value (a field, a proxy), errc::system (the certificates)
  static result<get_run> open(get_options options);
  get_run(get_run&&) noexcept;
  get_run& operator=(get_run&&) noexcept;
  ~get_run();

  /// Fetches one file. The target is absent, old, or complete and checked: bytes go to `TARGET.part`, which is synced and renamed at
  /// the end, and kept with its journal when that did not come cleanly (error::what_came()); the next call goes on from there. A length
  /// that nobody told cannot be checked. docs/never-wrong.md says what else nobody could see.
  /// @error bad_name (no last component and no output), no_such_file, nothing_received, redirected, refused_by_peer, unexpected_answer,
  ///        malformed_answer, not_the_file, cut_short, connection_reset, stalled, reply_timeout, target_…, part_not_ours, changed,
  ///        digest_mismatch, certificate_refused, tls_failed, connection errors, errc::system (disk), interrupted
  /// Blocks. Of two calls whose names are the URL's or the server's, the second gets NAME.1; of two with one `output`, errc::target_busy.
  result<get_outcome> get(const get_source& source);
  /// The same with options of its own; what the run shares stays as it is.
  result<get_outcome> get(const get_source& source, const get_options& options);
  /// The same for many: a small file gets its name together with others, up to 256 or a second's worth, since they can wait for the
  /// disk together. @param done  called once, within this call or a later one, or in flush(); on that call's thread
  void get(const get_source& source, const get_options& options, std::function<void(result<get_outcome>)> done);
  /// Publishes what waits for others.
  void flush();

 private:
  struct shared;
  explicit get_run(std::unique_ptr<shared> parts);
  std::unique_ptr<shared> parts_;
};

/// A run of one download. @error as get_run::open(), get_run::get()
result<get_outcome> get(const get_source& source, const get_options& options);

}  // namespace sampan
