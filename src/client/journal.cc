#include "client/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "text/hex.h"
#include "text/percent.h"

namespace sampan::client {

namespace {

constexpr std::string_view magic = "sampan-journal ";
constexpr std::string_view version = "1";
constexpr std::string_view held_word = "held";
constexpr std::string_view total_word = "total";
constexpr std::size_t checksum_digits = 8;

constexpr std::pair<std::string_view, std::string journal_header::*> text_values[] = {
    {"url", &journal_header::url},   {"final-url", &journal_header::final_url},
    {"etag", &journal_header::etag}, {"last-modified", &journal_header::last_modified},
    {"date", &journal_header::date}, {"media-type", &journal_header::media_type},
};

// As much of it readable as a line and a terminal bear.
std::string shown(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '%') {
      text += fmt::format("%{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text;
}

std::optional<std::uint64_t> read_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, number);
  if (failure != std::errc() || stop != end) return {};
  return number;
}

std::string_view take_word(std::string_view& rest, char end) {
  const auto length = std::min(rest.find(end), rest.size());
  const auto word = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return word;
}

std::string held_words(const intervals& held) {
  std::string words(held_word);
  const auto& all = held.all();
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), most_journal_intervals));
  for (auto one = all.begin(); one != end; ++one) words += fmt::format(" {}-{}", one->begin, one->end);
  return words;
}

// As held_words() writes it: sorted, nothing empty or touching.
std::optional<intervals> read_held(std::string_view words) {
  intervals held;
  std::size_t count = 0;
  while (!words.empty()) {
    auto pair = take_word(words, ' ');
    const auto begin = read_number(take_word(pair, '-'));
    const auto end = read_number(pair);
    if (!begin || !end || *begin >= *end) return {};
    if (++count > most_journal_intervals || (count > 1 && *begin <= held.all().back().end)) return {};
    held.add({*begin, *end});
  }
  return held;
}

// The words of lines whose checksums are right, one after the other.
class line_reader {
 public:
  explicit line_reader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  std::optional<std::string_view> next() {
    const auto end = rest_.find('\n');
    if (end == rest_.npos || end <= checksum_digits || rest_[checksum_digits] != ' ') return {};
    const auto words = rest_.substr(checksum_digits + 1, end - checksum_digits - 1);
    checksum_.process_bytes(words.data(), words.size());
    if (fmt::format("{:08x}", checksum_.checksum()) != rest_.substr(0, checksum_digits)) return {};
    rest_.remove_prefix(end + 1);
    return words;
  }
  std::size_t position() const { return size_ - rest_.size(); }

 private:
  std::string_view rest_;
  std::size_t size_;
  boost::crc_32_type checksum_;
};

bool read_header_line(std::string_view key, std::string_view value, journal_header& header) {
  if (key == total_word) {
    if (header.total) return false;
    header.total = read_number(value);
    return header.total.has_value();
  }
  for (const auto& [word, member] : text_values) {
    if (key != word) continue;
    if (!(header.*member).empty() || value.empty()) return false;
    header.*member = text::percent_decode(value);
    return true;
  }
  return false;
}

}  // namespace

std::string journal_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const auto query = std::min(url.find('?'), url.size());
  std::string shorter(url.substr(0, query));
  const auto scheme = shorter.find("://");
  const auto host = scheme == shorter.npos ? 0 : scheme + 3;
  const auto at =
      shorter.rfind('@', shorter.find('/', host));  // RFC 3986 3.2.1: userinfo ends at the authority's last @
  if (at != shorter.npos && at >= host) shorter.erase(host, at + 1 - host);
  if (query == url.size()) return shorter;
  base::hasher digest(base::digest_algorithm::sha256);
  digest.update(url.substr(query + 1));
  return shorter + "?sha256=" + text::hex_encode(digest.finish());
}

std::string journal_writer::line(std::string_view words) {
  checksum_.process_bytes(words.data(), words.size());
  return fmt::format("{:08x} {}\n", checksum_.checksum(), words);
}

std::string journal_writer::begin(const journal_header& header, const intervals& held) {
  checksum_.reset();
  std::string bytes = line(fmt::format("{}{}", magic, version));
  for (const auto& [word, member] : text_values) {
    const std::string& value = header.*member;
    if (!value.empty() && value.size() <= longest_journal_value)
      bytes += line(fmt::format("{} {}", word, shown(value)));
  }
  if (header.total) bytes += line(fmt::format("{} {}", total_word, *header.total));
  return bytes + next(held);
}

std::string journal_writer::next(const intervals& held) { return line(held_words(held)); }

journal_reading read_journal(std::string_view bytes) {
  journal_reading reading;
  line_reader lines(bytes);
  const auto first = lines.next();
  if (!first || !first->starts_with(magic)) return reading;
  if (first->substr(magic.size()) != version) {
    reading.condition = journal_condition::other_version;
    return reading;
  }
  journal_header header;
  std::size_t good = 0;
  while (const auto words = lines.next()) {
    auto value = *words;
    const auto key = take_word(value, ' ');
    if (key == held_word) {
      const auto held = read_held(value);
      if (!held) break;
      reading.state = {header, *held};
      good = lines.position();
    } else if (reading.state || !read_header_line(key, value, header)) {
      break;
    }
  }
  if (reading.state) {
    reading.condition = good == bytes.size() ? journal_condition::whole : journal_condition::torn;
  }
  return reading;
}

}  // namespace sampan::client
