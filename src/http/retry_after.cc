#include "http/retry_after.h"

#include <algorithm>

#include "http/characters.h"
#include "http/date.h"
#include "http/field_syntax.h"

namespace sampan::http {

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::int64_t now) noexcept {
  constexpr std::chrono::seconds longest = longest_retry_after;
  value = trim(value);
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), is_digit)) {
    value.remove_prefix(std::min(value.find_first_not_of('0'), value.size() - 1));
    const auto seconds = parse_digits(value);  // nothing where it has too many digits
    return !seconds ? longest : std::min(longest, std::chrono::seconds(*seconds));
  }
  const auto date = parse_date(value, now);
  if (!date) return std::nullopt;
  if (*date <= now) return std::chrono::seconds(0);
  // Both sides are compared, not subtracted: `now` may be any number.
  return now < *date - longest.count() ? longest : std::chrono::seconds(*date - now);
}

}  // namespace sampan::http
