#include "http/conditional.h"

#include "http/date.h"
#include "http/entity_tag.h"

namespace sampan::http {

namespace {

bool present(std::string_view field) noexcept { return field.data() != nullptr; }

// RFC 9110 13.1.1, 13.1.4. A file may be compared strongly only: part of it could be wrong otherwise.
bool precondition_holds(const conditions& asked, const validators& current, std::int64_t now) noexcept {
  if (present(asked.if_match)) return list_matches(asked.if_match, current.etag, tag_compare::strong);
  if (!present(asked.if_unmodified_since)) return true;
  const auto date = parse_date(asked.if_unmodified_since, now);
  return !date || current.modified <= *date;
}

// RFC 9110 13.1.2, 13.1.3.
bool client_has_it(const conditions& asked, const validators& current, std::int64_t now) noexcept {
  if (present(asked.if_none_match)) return list_matches(asked.if_none_match, current.etag, tag_compare::weak);
  if (!present(asked.if_modified_since)) return false;
  const auto date = parse_date(asked.if_modified_since, now);
  return date && current.modified <= *date;
}

}  // namespace

verdict evaluate(const conditions& asked, const validators& current, std::int64_t now) noexcept {
  if (!precondition_holds(asked, current, now)) return verdict::failed;
  return client_has_it(asked, current, now) ? verdict::not_modified : verdict::proceed;
}

bool range_applies(const conditions& asked, const validators& current, std::int64_t now) noexcept {
  if (!present(asked.if_range)) return true;
  if (strong_match(asked.if_range, current.etag)) return true;
  return parse_date(asked.if_range, now) == current.modified && current.modified <= now - strong_date_age;
}

}  // namespace sampan::http
