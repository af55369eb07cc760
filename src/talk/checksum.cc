#include "talk/checksum.h"

#include <cstdint>

namespace sampan::talk {

namespace {

// Bit by bit: messages are short, and a table would be more to read.
std::uint32_t reflected_crc(std::string_view message, std::uint32_t polynomial, std::uint32_t start) {
  std::uint32_t crc = start;
  for (const char byte : message) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
  }
  return crc;
}

void append_low_first(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i & 0xffU);
}

}  // namespace

void append_check(std::string& out, checksum kind, std::string_view message) {
  std::uint32_t value = 0;
  switch (kind) {
    case checksum::none: return;
    case checksum::crc16: return append_low_first(out, reflected_crc(message, 0xa001, 0xffff), 2);
    case checksum::crc32: return append_low_first(out, ~reflected_crc(message, 0xedb88320, 0xffffffff), 4);
    case checksum::sum:
      for (const char byte : message) value += static_cast<unsigned char>(byte);
      return append_low_first(out, value, 1);
    case checksum::exor:
      for (const char byte : message) value ^= static_cast<unsigned char>(byte);
      return append_low_first(out, value, 1);
  }
}

std::optional<checksum> find_checksum(std::string_view name) noexcept {
  if (name == "none") return checksum::none;
  if (name == "crc16") return checksum::crc16;
  if (name == "crc32") return checksum::crc32;
  if (name == "sum") return checksum::sum;
  if (name == "xor") return checksum::exor;
  return std::nullopt;
}

}  // namespace sampan::talk
