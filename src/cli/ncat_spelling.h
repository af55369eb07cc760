// ncat's way to say `listen`: `sampan talk -l …`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sampan::cli {

/// What `sampan listen` has to be given for `sampan talk` with these words; none: there is no `-l` or `--listen` among its options.
/// `-k`, `-v`, `-n` and `-w TIME` are left out, `-p N` is the port, two arguments are address and port, and clients stay. All else is the same.
/// Cost: O(n). Thread: pure.
std::optional<std::vector<std::string>> as_listen(const std::vector<std::string>& words);

}  // namespace sampan::cli
