#include "client/checksums.h"

#include <algorithm>

#include "base/digest_algorithm.h"
#include "http/characters.h"
#include "text/hex.h"

namespace sampan::client {

namespace {

constexpr std::size_t hex_length = 2 * base::digest_size(base::digest_algorithm::sha256);

struct entry {
  std::string sum;
  std::string name;
};

// As sha256sum writes names with a line end or a backslash, which it marks by a backslash in front of the line.
std::string unescaped(std::string_view name) {
  std::string made;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char next = name[i] == '\\' && i + 1 < name.size() ? name[i + 1] : '\0';
    const char meant = next == 'n' ? '\n' : next == 'r' ? '\r' : next == '\\' ? '\\' : '\0';
    made += meant != '\0' ? meant : name[i];
    if (meant != '\0') ++i;
  }
  return made;
}

// `HEX  NAME` or `HEX *NAME`.
std::optional<entry> read_plain(std::string_view line) {
  if (line.size() < hex_length + 2 || !http::is_blank(line[hex_length])) return std::nullopt;
  auto sum = text::hex_decode(line.substr(0, hex_length));
  if (!sum) return std::nullopt;
  line.remove_prefix(hex_length + 1);
  if (line.size() > 1 && (line[0] == ' ' || line[0] == '*')) line.remove_prefix(1);
  return entry{std::move(*sum), std::string(line)};
}

// `SHA256 (NAME) = HEX`; openssl leaves out the blanks, and calls it SHA2-256 since version 3.
std::optional<entry> read_tagged(std::string_view line) {
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  if (open == line.npos || close == line.npos || close < open) return std::nullopt;
  const auto tag = http::trim(line.substr(0, open));
  auto tail = http::trim(line.substr(close + 1));
  if ((tag != "SHA256" && tag != "SHA2-256") || !tail.starts_with('=')) return std::nullopt;
  tail = http::trim(tail.substr(1));
  auto sum = tail.size() == hex_length ? text::hex_decode(tail) : std::nullopt;
  if (!sum) return std::nullopt;
  return entry{std::move(*sum), std::string(line.substr(open + 1, close - open - 1))};
}

std::optional<entry> read_line(std::string_view line) {
  const bool is_escaped = line.starts_with('\\');
  if (is_escaped) line.remove_prefix(1);
  auto read = read_plain(line);
  if (!read) read = read_tagged(line);
  if (read && is_escaped) read->name = unescaped(read->name);
  return read;
}

// The sum that all lines about one name have.
struct agreement {
  std::optional<std::string> sum;
  bool is_broken = false;
  void add(const std::string& another) {
    is_broken = is_broken || (sum && *sum != another);
    sum = another;
  }
};

std::string_view without_here(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name;
}

}  // namespace

std::optional<std::string> find_sha256(std::string_view sums, std::string_view file_name, bool* contradictory) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (sums.starts_with(byte_order_mark)) sums.remove_prefix(byte_order_mark.size());
  file_name = without_here(file_name);
  agreement equal, last_component;
  while (!sums.empty()) {
    auto line = sums.substr(0, sums.find('\n'));
    sums.remove_prefix(std::min(line.size() + 1, sums.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto read = read_line(line);
    if (!read) continue;
    if (without_here(read->name) == file_name) equal.add(read->sum);
    if (std::string_view(read->name).substr(read->name.rfind('/') + 1) == file_name) last_component.add(read->sum);
  }
  const auto& chosen = equal.sum ? equal : last_component;
  if (contradictory) *contradictory = chosen.is_broken;
  return chosen.is_broken ? std::nullopt : chosen.sum;
}

}  // namespace sampan::client
