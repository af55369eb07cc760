// The order of names as people expect it: `f2` before `f10`.
#pragma once

#include <string_view>

namespace sampan::text {

/// Whether `a` comes before `b`. A run of digits counts as one number, of any length, leading zeros aside; all else is compared byte by
/// byte, with ASCII capitals as small letters. Names that are the same so far are told apart by their bytes. This is a total
/// order: of two different names exactly one comes first, so a sorted list does not depend on where it began.
/// @param a  any bytes. Not by locale: every machine sorts alike.
/// Cost: O(n), nothing allocated. Thread: pure.
bool natural_less(std::string_view a, std::string_view b) noexcept;

}  // namespace sampan::text
