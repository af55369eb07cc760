// Link fields: where else a file is, and what describes it.
#pragma once

#include <string_view>
#include <vector>

namespace sampan::http {

/// Views into the value that was read.
struct link {
  std::string_view target;  ///< a URI reference as it stands between `<` and `>`; never empty
  std::string_view relation,
      type;  ///< without quotes, backslashes as they are; a relation may be several words. Empty: none.
};

/// Links beyond these are passed over: an answer needs one to its description and one to each of a few mirrors.
constexpr std::size_t most_links = 32;

/// Reads one value. A link with an `anchor` is about another document, and passed over; so is what is malformed, up to the next
/// comma. Of parameters that are repeated the first counts.
/// Cost: O(n). Thread: pure. Source: RFC 8288 3, 3.2, 3.3, B.
std::vector<link> parse_links(std::string_view value);

/// Whether `relation` is one of the link's, compared without case. Cost: O(n). Thread: pure. Source: RFC 8288 2.1.1, 3.3.
bool has_relation(const link& one, std::string_view relation) noexcept;

}  // namespace sampan::http
