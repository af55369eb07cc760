// A log in JSON as messages to be sent again.
#pragma once

#include <string>
#include <vector>

#include "sampan/talk.h"

namespace sampan::cli {

/// The records of one side (`in` or `out`), each with the time since the one of the same side before it; those in between count.
/// @error errc::system, operation "open" or "read"; errc::bad_value (subject `FILE:LINE`), also for no record at all
result<std::vector<talk::replay_step>> read_replay(const std::string& path, const std::string& side);

}  // namespace sampan::cli
