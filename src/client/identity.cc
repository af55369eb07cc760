#include "client/identity.h"

#include <algorithm>

#include "http/characters.h"
#include "http/date.h"
#include "http/entity_tag.h"

namespace sampan::client {

namespace {

std::string first_of(const http::response_head& head, std::string_view name) {
  const auto values = head.values(name);
  return values.empty() ? std::string() : std::string(values.front());
}

}  // namespace

identity identity_of(const http::response_head& head, std::optional<std::uint64_t> total, std::int64_t now) {
  identity made;
  made.etag = first_of(head, "ETag");
  if (!http::is_entity_tag(made.etag)) made.etag.clear();
  made.last_modified = first_of(head, "Last-Modified");
  made.modified = http::parse_date(made.last_modified, now);
  const std::string type = first_of(head, "Content-Type");
  made.media_type = http::trim(std::string_view(type).substr(0, type.find(';')));
  std::transform(made.media_type.begin(), made.media_type.end(), made.media_type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  made.total = total;
  return made;
}

bool has_strong_tag(const identity& known) { return !known.etag.empty() && !http::is_weak(known.etag); }

bool has_strong_evidence(const identity& known) {
  return has_strong_tag(known) &&
         !(known.total && http::tells_only_second_and_size(known.etag, known.modified, *known.total));
}

sameness compare(const identity& known, const identity& seen) {
  if (known.total && seen.total && *known.total != *seen.total) return sameness::changed;
  const bool both_dated = !known.last_modified.empty() && !seen.last_modified.empty();
  const bool other_date = both_dated && known.last_modified != seen.last_modified;
  if (!known.etag.empty() && !seen.etag.empty()) {
    if (http::strong_match(known.etag, seen.etag))
      return has_strong_evidence(known) ? sameness::same : sameness::unproved;
    if (!http::weak_match(known.etag, seen.etag)) {
      return !other_date && known.total && seen.total ? sameness::other_tag : sameness::changed;
    }
  }
  return other_date ? sameness::changed : sameness::unproved;
}

bool is_page_instead(const identity& known, const identity& seen) {
  constexpr std::string_view html = "text/html";
  return seen.media_type == html && known.media_type != html;
}

}  // namespace sampan::client
