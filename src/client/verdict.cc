#include "client/verdict.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "client/words.h"
#include "http/characters.h"

namespace sampan::client {

namespace {

error refusal(const http::response_head& head, std::string_view subject) {
  const auto make = [&](errc code, const std::string& detail) { return error::make(code, "get", subject, detail); };
  const int kind = head.status / 100;
  if (head.status == 404 || head.status == 410) return make(errc::no_such_file, status_words(head));
  const auto places = head.values("Location");
  if (kind == 3 && !places.empty() && !places.front().empty()) return make(errc::redirected, quoted(places.front()));
  return make(kind >= 3 ? errc::refused_by_peer : errc::unexpected_answer, status_words(head)).with_number(head.status);
}

// RFC 9110 8.4; `identity` is no coding at all, and was asked for (12.5.3).
result<void> check_coding(const http::response_head& head, std::string_view subject) {
  for (const auto coding : head.values("Content-Encoding")) {
    if (coding.empty() || http::same_word(coding, "identity")) continue;
    return error::make(errc::unexpected_answer, "get", subject, "Content-Encoding: " + quoted(coding));
  }
  return {};
}

result<void> check_framing(const http::response_head& head, const http::body_framing& framing, std::string_view subject) {
  if (*framing.problem == '\0') return {};
  std::string problem = framing.problem;
  if (framing.end == http::body_end::chunked) problem += ": " + quoted(head.values("Transfer-Encoding").front());
  return error::make(errc::malformed_answer, "get", subject, problem);
}

// RFC 9110 14.4: a 206 to a single range has the field, once. One that does not is of no use; one that lies is refused.
result<verdict> judge_part(const http::response_head& head, const http::body_framing& framing, std::string_view subject) {
  const auto ranges = head.values("Content-Range");
  if (ranges.size() != 1) return verdict{verdict::kind::unusable, {}, {}};
  const auto range = http::parse_content_range(ranges.front());
  if (!range) {
    return error::make(errc::malformed_answer, "get", subject, "Content-Range: " + quoted(ranges.front()));
  }
  const bool other_length = framing.end == http::body_end::length && framing.length != range->last - range->first + 1;
  if (other_length) return error::make(errc::malformed_answer, "get", subject, "Content-Length and Content-Range differ");
  return verdict{verdict::kind::part, *range, range->size};
}

}  // namespace

result<verdict> judge(const http::response_head& head, const http::body_framing& framing, const request& asked,
                      std::string_view subject) {
  const bool ranged = asked.range.has_value();
  if (ranged && head.status == 412) return verdict{verdict::kind::changed, {}, {}};
  if (ranged && head.status == 416) {
    const auto ranges = head.values("Content-Range");
    const auto told = ranges.size() == 1 ? http::parse_unsatisfied_range(ranges.front()) : std::nullopt;
    return verdict{verdict::kind::unsatisfied, {}, told ? told->size : std::nullopt};
  }
  if (head.status != 200 && !(ranged && head.status == 206)) return refusal(head, subject);
  if (auto good = check_coding(head, subject); !good) return good.error();
  if (auto good = check_framing(head, framing, subject); !good) return good.error();
  if (head.status == 206) return judge_part(head, framing, subject);
  verdict made;
  if (framing.end == http::body_end::length) made.size = framing.length;
  return made;
}

bool may_pass(const error& why) {
  switch (why.code()) {
    case errc::connect_timeout:
    case errc::reply_timeout:
    case errc::stalled:
    case errc::connection_reset:
    case errc::cut_short: return true;
    case errc::refused_by_peer: {
      constexpr int passing[] = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524};
      return std::find(std::begin(passing), std::end(passing), why.number()) != std::end(passing);
    }
    case errc::system:
      return std::strcmp(why.operation(), "connect to") == 0 &&
             (why.number() == ETIMEDOUT || why.number() == ECONNRESET || why.number() == ECONNREFUSED ||
              why.number() == EHOSTUNREACH || why.number() == ENETUNREACH);
    default: return false;
  }
}

}  // namespace sampan::client
