#include "client/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <climits>

#include "text/utf8.h"

namespace sampan::client {

namespace {

// The longest prefix of at most `most` bytes that does not end inside a UTF-8 character.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto is_continuation = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80; };
  std::size_t end = most;
  while (end > 0 && most - end < 3 && is_continuation(end)) --end;
  return text.substr(0, is_continuation(end) ? most : end);
}

std::string trimmed(std::string_view name, std::size_t most) {
  if (name.size() <= most) return std::string(name);
  const auto dot = name.rfind('.');
  constexpr std::size_t longest_extension = 16;
  const auto extension =
      dot == name.npos || name.size() - dot > longest_extension ? std::string_view() : name.substr(dot);
  return std::string(cut(name, most - extension.size())) + std::string(extension);
}

// C0, DEL, C1; and what makes a name look like another one: marks of direction, of no width, ends of lines.
bool misleads(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x200b && point <= 0x200f) ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x2069) || point == 0xfeff;
}

}  // namespace

std::string safe_proposed_name(std::string_view proposed, std::size_t reserved) {
  // Made for other systems, it may have their separators, and the letter of a drive.
  proposed.remove_prefix(proposed.find_last_of("/\\") + 1);
  if (proposed.size() > 1 && proposed[1] == ':') proposed.remove_prefix(2);
  return safe_file_name(proposed, reserved);
}

std::string safe_file_name(std::string_view remote, std::size_t reserved) {
  std::string_view last = remote.substr(remote.rfind('/') + 1);
  last.remove_prefix(std::min(last.find_first_not_of('.'), last.size()));
  std::string name;
  while (!last.empty()) {
    const auto next = text::decode_utf8(last);
    const auto point = next.status == text::utf8_status::ok ? next.code_point : U'x';
    const auto taken = std::max<std::size_t>(next.length, 1);
    name += misleads(point) ? std::string_view("_") : last.substr(0, taken);
    last.remove_prefix(taken);
  }
  return trimmed(name, NAME_MAX - reserved);
}

std::string part_name(std::string_view name) {
  constexpr std::string_view ending = ".part";
  return std::string(cut(name, NAME_MAX - ending.size())) + std::string(ending);
}

std::string neighbour_name(std::string_view name, std::string_view ending) {
  if (name.size() <= NAME_MAX - longest_ending) return std::string(name).append(ending);
  boost::crc_32_type checksum;
  checksum.process_bytes(name.data(), name.size());
  constexpr std::size_t mark_size = 9;
  const auto stem = cut(name, NAME_MAX - longest_ending - mark_size);
  return fmt::format("{}~{:08x}{}", stem, checksum.checksum(), ending);
}

}  // namespace sampan::client
