// Words of a command line that can be shown and pasted into a shell.
#pragma once

#include <string>
#include <string_view>

namespace sampan::text {

/// `word` as a POSIX shell reads it back: as it is where that is safe, else within `'…'`. Words with controls, hidden characters or bytes
/// that are no UTF-8 become `$'…'` of bash, zsh and POSIX 2024, with every byte beyond printable ASCII as `\ooo`.
/// The result is one line, safe on a terminal. Cost: O(n). Thread: pure.
std::string quote_shell(std::string_view word);

}  // namespace sampan::text
