#include "cli/get_json.h"

#include <fmt/format.h>

#include "text/escape.h"
#include "text/hex.h"

namespace sampan::cli {

namespace {

class object {
 public:
  object(const char* event, const json_subject& about) : text_(fmt::format("{{\"event\":\"{}\"", event)) {
    words("url", about.url);
    words("file", about.file);
  }
  // Left out when it is empty.
  object& words(const char* key, std::string_view value) {
    if (!value.empty()) text_ += fmt::format(",\"{}\":\"{}\"", key, text::escape_json(value));
    return *this;
  }
  object& number(const char* key, std::uint64_t value) {
    text_ += fmt::format(",\"{}\":{}", key, value);
    return *this;
  }
  object& number(const char* key, const std::optional<std::uint64_t>& value) {
    return value ? number(key, *value) : *this;
  }
  object& seconds(double value) {
    text_ += fmt::format(",\"seconds\":{:.3f}", value);
    return *this;
  }
  object& flag(const char* key, bool value) {
    text_ += fmt::format(",\"{}\":{}", key, value);
    return *this;
  }
  std::string line() const { return text_ + "}\n"; }

 private:
  std::string text_;
};

const char* code_of(errc code) {
  switch (code) {
    case errc::system: return "system";
    case errc::bad_port: return "bad_port";
    case errc::bad_address: return "bad_address";
    case errc::bad_url: return "bad_url";
    case errc::bad_name: return "bad_name";
    case errc::bad_value: return "bad_value";
    case errc::unknown_encoding: return "unknown_encoding";
    case errc::empty_text: return "empty_text";
    case errc::end_of_input: return "end_of_input";
    case errc::resolve_failed: return "resolve_failed";
    case errc::connect_timeout: return "connect_timeout";
    case errc::port_in_use: return "port_in_use";
    case errc::reply_timeout: return "reply_timeout";
    case errc::stalled: return "stalled";
    case errc::connection_reset: return "connection_reset";
    case errc::cut_short: return "cut_short";
    case errc::certificate_refused: return "certificate_refused";
    case errc::tls_failed: return "tls_failed";
    case errc::no_such_file: return "no_such_file";
    case errc::nothing_received: return "nothing_received";
    case errc::not_the_file: return "not_the_file";
    case errc::malformed_answer: return "malformed_answer";
    case errc::unexpected_answer: return "unexpected_answer";
    case errc::redirected: return "redirected";
    case errc::refused_by_peer: return "refused_by_peer";
    case errc::target_is_directory: return "target_is_directory";
    case errc::target_exists: return "target_exists";
    case errc::part_not_ours: return "part_not_ours";
    case errc::target_busy: return "target_busy";
    case errc::short_file: return "short_file";
    case errc::changed: return "changed";
    case errc::digest_mismatch: return "digest_mismatch";
    case errc::unproved: return "unproved";
    case errc::not_encodable: return "not_encodable";
    case errc::interrupted: return "interrupted";
  }
  return "unknown";
}

// English, whatever language the person speaks.
std::string message(const error* why) { return why == nullptr ? std::string() : why->message(); }

}  // namespace

std::string json_line(const json_subject& about, const get_event& what, double speed) {
  const auto rounded = static_cast<std::uint64_t>(speed);
  switch (what.now) {
    case get_event::kind::doing: return {};
    case get_event::kind::moved: return object("moved", about).words("to", what.url).line();
    case get_event::kind::begin:
      return object("start", about).number("size", what.size).number("resumed", what.bytes).line();
    case get_event::kind::progress:
      return object("progress", about)
          .number("bytes", what.bytes)
          .number("size", what.size)
          .number("speed", rounded)
          .number("connections", std::uint64_t{what.connections})
          .line();
    case get_event::kind::note:
      return object("note", about).words("note", what.what).words("error", message(what.why)).line();
    case get_event::kind::retry:
      return object("retry", about)
          .words("code", code_of(what.why->code()))
          .words("error", message(what.why))
          .seconds(std::chrono::duration<double>(what.pause).count())
          .line();
    case get_event::kind::restart: return object("restart", about).words("error", message(what.why)).line();
    case get_event::kind::verified: return object("verified", about).words("algorithm", what.what).line();
  }
  return {};
}

std::string json_line(const json_subject& about, const get_outcome& done, double seconds, const std::string& sha256) {
  return object("done", about)
      .number("bytes", done.bytes)
      .seconds(seconds)
      .flag("length_known", done.length_known)
      .flag("verified", done.verified)
      .words("sha256", text::hex_encode(sha256))
      .line();
}

std::string json_line(const json_subject& about, const error& why, int status) {
  object made("error", about);
  made.number("status", static_cast<std::uint64_t>(status))
      .words("code", code_of(why.code()))
      .words("message", message(&why));
  if (const auto& came = why.what_came()) {
    made.words("kept", came->path).number("kept_bytes", came->bytes).number("size", came->size);
  }
  return made.line();
}

}  // namespace sampan::cli
