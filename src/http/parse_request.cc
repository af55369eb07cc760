#include <algorithm>
#include <limits>

#include "http/characters.h"
#include "http/framing.h"
#include "http/request.h"

namespace sampan::http {
namespace {

// RFC 9112 2.2 asks for one at least: some clients end a body with a line end that its length does not count. Two, as such a
// client may also be a person at a terminal.
constexpr unsigned most_empty_lines = 2;
// The longest method registered is UPDATEREDIRECTREF, 17 bytes; the bound lets an open line be judged.
constexpr std::size_t longest_method = 64;
constexpr std::size_t version_bytes = 8;  // HTTP/d.d

method verb_of(std::string_view name) noexcept {
  if (name == "GET") return method::get;
  if (name == "HEAD") return method::head;
  if (name == "OPTIONS") return method::options;
  constexpr std::array<std::string_view, 6> others = {"POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"};
  return std::find(others.begin(), others.end(), name) != others.end() ? method::other : method::unknown;
}

// What is wrong with a request line for its length alone. `raw` may be open, and has the CR of a line end that has come, so that
// a line judged here as its bytes come gives the answer that the complete one gives.
refusal judge_length(std::string_view raw, std::size_t target_bytes) noexcept {
  const std::string_view start = raw.substr(0, longest_method + 1);
  const auto method_end = start.find(' ');
  if (method_end == start.npos) {
    if (raw.size() <= longest_method) return {};
    if (!is_token(start)) return {400, "malformed method"};
    return {501, "method too long"};
  }
  const std::string_view rest = raw.substr(method_end + 1);
  if (rest.size() <= target_bytes) return {};
  const auto target_end = rest.substr(0, target_bytes + 1).find(' ');
  if (target_end == rest.npos) return {414, "target too long"};
  if (rest.size() - (target_end + 1) > version_bytes + 1) return {400, "malformed HTTP version"};
  return {};
}

// RFC 9112 2.3: HTTP/d.d exactly. RFC 9110 2.5: any minor version of a major one can be understood.
refusal read_version(std::string_view version, int& minor) noexcept {
  if (version.size() != version_bytes || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return {400, "malformed HTTP version"};
  }
  if (version[5] != '1') return {505, "HTTP version not supported"};
  minor = version[7] == '0' ? 0 : 1;
  return {};
}

// RFC 9112 3: method SP target SP version. The RFC lets a recipient be lenient about blanks; others then see another target.
refusal read_request_line(std::string_view line, request_head& out) noexcept {
  const auto method_end = line.find(' ');
  if (method_end == line.npos) return {400, "malformed request line"};
  const auto target_end = line.find(' ', method_end + 1);
  if (target_end == line.npos) return {400, "no HTTP version"};
  const std::string_view name = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  if (!is_token(name)) return {400, "malformed method"};
  if (target.empty()) return {400, "no target"};
  // RFC 3986 allows less, but browsers send other characters too, and raw UTF-8. A blank would have ended it.
  const char* const end = target.data() + target.size();
  if (find_control(target.data(), end) != end) return {400, "control character in the target"};
  if (const refusal found = read_version(line.substr(target_end + 1), out.minor)) return found;
  out.verb = verb_of(name);
  out.method_name = name;
  out.target = target;
  return {};
}

refusal why_no_name(std::string_view line, std::size_t colon) noexcept {
  if (is_blank(line.front())) return {400, "folded line"};  // RFC 9112 5.2, and 2.2 after the request line
  if (colon == line.npos) return {400, "field line without a colon"};
  if (colon == 0) return {400, "empty field name"};
  if (is_blank(line[colon - 1])) return {400, "blank before the colon"};  // RFC 9112 5.1
  return {400, "malformed field name"};
}

// RFC 9112 5, RFC 9110 5.5: name ":" OWS value OWS, the value without control characters but for tabs.
refusal read_field_line(std::string_view line, request_head& out) noexcept {
  const auto colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  const known which = known_field(name);
  // A known name is a token; looking at each character of the others costs more than all else.
  if (colon == line.npos || (which == known::count_ && !is_token(name))) return why_no_name(line, colon);
  const std::string_view value = line.substr(colon + 1);
  const char* const end = value.data() + value.size();
  const char* at = find_control(value.data(), end);
  while (at != end && *at == '\t') at = find_control(at + 1, end);
  if (at != end) return {400, "control character in a field value"};
  out.add({name, trim(value)}, which);
  return {};
}

parse_result refused(refusal found) noexcept { return {parse_status::refused, found.code, found.why}; }

// The bytes up to a line end, which are not its LF; null data() if it has not come yet.
std::string_view next_line(std::string_view bytes, parse_progress& at) noexcept {
  const auto end = bytes.find('\n', at.searched);
  if (end == bytes.npos) {
    at.searched = static_cast<std::uint32_t>(bytes.size());
    return {};
  }
  const std::string_view raw = bytes.substr(at.line, end - at.line);
  at.line = at.searched = static_cast<std::uint32_t>(end + 1);
  return raw;
}

// Reads on from `at`. What it adds to `out` is of use only if it began at the first byte.
parse_result read_lines(std::string_view bytes, const limits& allowed, parse_progress& at, request_head& out) noexcept {
  const std::size_t most = std::min(allowed.fields, most_fields);
  for (;;) {
    const std::string_view raw = next_line(bytes, at);
    if (raw.data() == nullptr) {
      const std::string_view open = bytes.substr(at.line);
      const refusal found = at.has_request_line ? refusal{} : judge_length(open, allowed.target_bytes);
      return found ? refused(found) : parse_result{parse_status::incomplete, 0, ""};
    }
    const std::string_view line = raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw;
    refusal found;
    if (at.has_request_line) {
      if (line.empty()) {
        out.length = at.line;
        return {parse_status::done, 0, ""};
      }
      found = at.fields++ == most ? refusal{431, "too many fields"} : read_field_line(line, out);
    } else if (line.empty()) {
      if (++at.empty_lines > most_empty_lines) found = {400, "empty lines instead of a request"};
    } else {
      found = judge_length(raw, allowed.target_bytes);
      if (!found) found = read_request_line(line, out);
      at.has_request_line = true;
    }
    if (found) return refused(found);
  }
}

}  // namespace

parse_result parse_request(std::string_view bytes, const limits& allowed, parse_progress& progress,
                           request_head& out) noexcept {
  // Bytes beyond the limit are not looked at, so that they cannot change what those before them mean.
  const std::size_t most = std::min<std::size_t>(allowed.head_bytes, std::numeric_limits<std::uint32_t>::max());
  const std::string_view window = bytes.substr(0, most);
  const bool resumed = progress.line != 0;
  out.clear();
  parse_result result = read_lines(window, allowed, progress, out);
  if (result.status == parse_status::incomplete && bytes.size() > most) result = refused({431, "head too long"});
  if (result.status == parse_status::incomplete) return result;
  if (resumed) {
    // The earlier calls' part of `out` is gone, and the bytes may have moved: once more, from the first one.
    progress = {};
    out.clear();
    read_lines(window, allowed, progress, out);
  }
  progress = {};
  if (result.status != parse_status::done) return result;
  const refusal found = judge_fields(out);
  return found ? refused(found) : result;
}

}  // namespace sampan::http
