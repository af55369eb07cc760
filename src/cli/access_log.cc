#include "cli/access_log.h"

#include <fmt/format.h>

#include <cstring>
#include <iterator>

#include "cli/i18n.h"
#include "cli/messages.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

/// For programs: these words stay.
std::string_view outcome_word(serve_outcome outcome) {
  switch (outcome) {
    case serve_outcome::sent: return "sent";
    case serve_outcome::no_such_file: return "no-such-file";
    case serve_outcome::client_left: return "client-left";
    case serve_outcome::too_slow: return "too-slow";
    case serve_outcome::no_name: return "no-name";
    case serve_outcome::name_too_long: return "name-too-long";
    case serve_outcome::tls_refused: return "tls-refused";
    case serve_outcome::file_shrank: return "file-shrank";
    case serve_outcome::file_changed: return "file-changed";
    case serve_outcome::failed: return "failed";
    case serve_outcome::stopped: return "stopped";
  }
  return {};
}

/// A status for every line, from 100 to 599: analysers drop a line without.
int combined_status(const serve_record& about) {
  constexpr int client_closed = 499;  // nginx's, for a client that did not wait for an answer
  if (about.http && about.status != 0) return about.status;
  switch (about.outcome) {
    case serve_outcome::no_such_file: return 404;
    case serve_outcome::no_name: return 408;
    case serve_outcome::name_too_long: return 414;
    case serve_outcome::tls_refused: return 400;
    case serve_outcome::failed: return 500;
    case serve_outcome::client_left: return about.http || about.bytes == 0 ? client_closed : 200;
    default: return about.http ? client_closed : 200;
  }
}

/// `[::1]:36850` without port and brackets.
std::string_view host_of(std::string_view peer) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

/// A bare name as the path of a URL would have it (RFC 3986 3.3), so that both ways to ask for a file count as one.
void append_path(std::string& out, std::string_view name) {
  constexpr std::string_view kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  constexpr char digits[] = "0123456789ABCDEF";
  out += '/';
  for (const char c : name) {
    if (kept.find(c) != kept.npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15U]};
  }
}

std::string_view or_dash(std::string_view text) { return text.empty() ? "-" : text; }

}  // namespace

log_formatter::log_formatter()
    : bare_pattern_(_("{time} {peer} asked for the file:{name} {bytes} bytes {seconds:.3f} s {outcome}")),
      http_pattern_(_("{time} {peer} {request} {status} {bytes} bytes {seconds:.3f} s")) {}

std::string_view log_formatter::line(log_format format, const serve_record& about) {
  line_.clear();
  switch (format) {
    case log_format::text: text_line(about); break;
    case log_format::combined: combined_line(about); break;
    case log_format::json: json_line(about); break;
  }
  return line_;
}

// --- text

std::string_view log_formatter::outcome_text(const serve_record& about) {
  scratch_.clear();
  const auto out = std::back_inserter(scratch_);
  switch (about.outcome) {
    case serve_outcome::sent: return about.bytes == 0 ? _("sent (an empty file)") : _("sent");
    case serve_outcome::no_such_file: fmt::format_to(out, fmt::runtime(_("no such file: {}")), asked_); break;
    case serve_outcome::client_left:
      fmt::format_to(out, fmt::runtime(_("client left after {} bytes")), about.bytes);
      break;
    case serve_outcome::too_slow: return _("client too slow: reset");
    case serve_outcome::no_name: return _("no file name came");
    case serve_outcome::name_too_long: return _("file name too long");
    case serve_outcome::tls_refused: return _("TLS is not served yet: closed");
    case serve_outcome::file_changed: return _("the file was changed while it was sent: reset");
    case serve_outcome::file_shrank: return _("the file got shorter while it was sent: reset");
    case serve_outcome::failed:
      fmt::format_to(out, fmt::runtime(_("failed: {}: reset")), system_reason(about.number));
      break;
    case serve_outcome::stopped: return _("the server was stopped: reset");
  }
  return scratch_;
}

void log_formatter::text_line(const serve_record& about) {
  when_.clear();
  time_.append(when_, time_style::local, about.time);
  asked_.clear();
  if (!about.method.empty()) {
    text::append_escaped_log(asked_, about.method);
    asked_ += ' ';
  }
  text::append_escaped_log(asked_, about.http ? or_dash(about.name) : about.name);
  const double seconds = std::chrono::duration<double>(about.took).count();
  const auto out = std::back_inserter(line_);
  if (!about.http) {
    fmt::format_to(out, fmt::runtime(bare_pattern_), fmt::arg("time", when_), fmt::arg("peer", about.peer),
                   fmt::arg("name", asked_), fmt::arg("bytes", about.bytes), fmt::arg("seconds", seconds),
                   fmt::arg("outcome", outcome_text(about)));
    return;
  }
  const fmt::format_int status(about.status);
  fmt::format_to(out, fmt::runtime(http_pattern_), fmt::arg("time", when_), fmt::arg("peer", about.peer),
                 fmt::arg("request", asked_),
                 fmt::arg("status", about.status == 0 ? "-" : std::string_view(status.data(), status.size())),
                 fmt::arg("bytes", about.bytes), fmt::arg("seconds", seconds));
  if (about.outcome != serve_outcome::sent) line_.append(1, ' ').append(outcome_text(about));
  if (about.problem.empty()) return;
  line_ += " (";
  text::append_escaped_log(line_, about.problem);
  line_ += ')';
}

// --- combined

void log_formatter::quoted(std::string_view bytes) {
  line_ += '"';
  text::append_escaped_quoted(line_, or_dash(bytes));
  line_ += '"';
}

void log_formatter::combined_request(const serve_record& about) {
  const auto out = std::back_inserter(line_);
  const bool is_request = about.http ? !about.method.empty() : about.outcome != serve_outcome::tls_refused;
  if (!is_request || (!about.http && about.name.empty())) return quoted(about.name);
  line_ += '"';
  if (about.http) {
    text::append_escaped_quoted(line_, about.method);
    line_ += ' ';
    text::append_escaped_quoted(line_, about.name);
    fmt::format_to(out, " HTTP/1.{}\"", about.minor_version);
  } else {
    line_ += "GET ";
    append_path(line_, about.name);
    line_ += " BARE\"";
  }
}

void log_formatter::combined_line(const serve_record& about) {
  line_.append(host_of(about.peer)).append(" - - [");
  time_.append(line_, time_style::combined, about.time);
  line_ += "] ";
  combined_request(about);
  fmt::format_to(std::back_inserter(line_), " {} {} ", combined_status(about), about.bytes);
  quoted(about.referer);
  line_ += ' ';
  quoted(about.user_agent);
}

// --- json

void log_formatter::member(std::string_view key, std::string_view bytes) {
  if (bytes.empty()) return;
  scratch_.clear();
  text::append_escaped_log(scratch_, bytes);
  line_.append(",\"").append(key).append("\":\"");
  // Only these two are left to escape (RFC 8259 7).
  for (const char c : scratch_) {
    if (c == '"' || c == '\\') line_ += '\\';
    line_ += c;
  }
  line_ += '"';
}

void log_formatter::json_details(const serve_record& about) {
  member("user_agent", about.user_agent);
  member("referer", about.referer);
  member("problem", about.problem);
  if (about.outcome != serve_outcome::failed) return;
  const char* reason = strerrordesc_np(about.number);
  member("error", reason ? reason : "unknown");
}

void log_formatter::json_line(const serve_record& about) {
  const auto out = std::back_inserter(line_);
  line_ += "{\"time\":\"";
  time_.append(line_, time_style::utc, about.time);
  line_ += '"';
  member("peer", about.peer);
  member("protocol", about.http ? "http" : "bare");
  member("method", about.method);
  member(about.http ? "target" : "name", about.name);
  if (!about.method.empty()) fmt::format_to(out, ",\"version\":\"1.{}\"", about.minor_version);
  if (about.status != 0) fmt::format_to(out, ",\"status\":{}", about.status);
  constexpr std::int64_t million = 1'000'000;
  const std::int64_t took = about.took.count();
  fmt::format_to(out, ",\"bytes\":{},\"seconds\":{}.{:06}", about.bytes, took / million, took % million);
  member("outcome", outcome_word(about.outcome));
  json_details(about);
  line_ += '}';
}

}  // namespace sampan::cli
