// The check values that devices on serial lines and field buses want behind a message.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sampan/talk_forms.h"

namespace sampan::talk {

/// Appends the check value of `message`. Cost: O(n). Thread: pure.
/// Source: MODBUS over Serial Line 1.02, 6.2.2 (crc16: polynomial 0xa001 reflected, start 0xffff); IEEE 802.3, 3.2.9 (crc32).
void append_check(std::string& out, checksum kind, std::string_view message);

/// By its name: `none`, `crc16`, `crc32`, `sum`, `xor`.
std::optional<checksum> find_checksum(std::string_view name) noexcept;

}  // namespace sampan::talk
