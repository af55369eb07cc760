#include "text/hex_dump.h"

#include <fmt/format.h>

#include "text/hex.h"

namespace sampan::text {

namespace {

constexpr std::size_t bytes_a_line = 16;  // as hexdump -C and most others have it

std::string dump_line(std::string_view bytes, std::uint64_t offset) {
  std::string pairs;
  std::string shown;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    pairs += i == bytes_a_line / 2 ? "  " : " ";
    pairs += hex_encode(bytes.substr(i, 1));
    shown += bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.';
  }
  return fmt::format("{:08x} {:<50} |{}|\n", offset, pairs, shown);
}

}  // namespace

std::optional<std::string> typed_hex(std::string_view digits) {
  std::string bytes;
  while (!digits.empty()) {
    if (digits.front() == ' ' || digits.front() == '\t' || digits.front() == ',') {
      digits.remove_prefix(1);
      continue;
    }
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    const int high = digits.empty() ? -1 : hex_value(digits[0]);
    const int low = digits.size() < 2 ? -1 : hex_value(digits[1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
    digits.remove_prefix(2);
  }
  return bytes;
}

std::string hex_dump(std::string_view bytes, std::uint64_t offset) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += bytes_a_line) {
    out += dump_line(bytes.substr(at, bytes_a_line), offset + at);
  }
  return out;
}

}  // namespace sampan::text
