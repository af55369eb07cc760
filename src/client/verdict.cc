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
std::string problem_of_coding(const http::response_head& head) {
  for (const auto coding : head.values("Content-Encoding")) {
    if (!coding.empty() && !http::same_word(coding, "identity")) return "Content-Encoding: " + quoted(coding);
  }
  return {};
}

std::string problem_of_framing(const http::response_head& head, const http::body_framing& framing) {
  std::string problem = framing.problem;
  if (!problem.empty() && framing.end == http::body_end::chunked) {
    problem += ": " + quoted(head.values("Transfer-Encoding").front());
  }
  return problem;
}

verdict unusable(std::string why) {
  verdict made;
  made.is = verdict::kind::unusable;
  made.why = std::move(why);
  return made;
}

// RFC 9110 14.4: a 206 to a single range has the field, once.
verdict judge_part(const http::response_head& head, const http::body_framing& framing) {
  if (head.status != 206) return unusable(status_words(head));
  if (auto problem = problem_of_coding(head); !problem.empty()) return unusable(problem);
  if (auto problem = problem_of_framing(head, framing); !problem.empty()) return unusable(problem);
  const auto ranges = head.values("Content-Range");
  if (ranges.size() != 1) return unusable("206 with not one Content-Range");
  const auto range = http::parse_content_range(ranges.front());
  if (!range) return unusable("Content-Range: " + quoted(ranges.front()));
  if (framing.end == http::body_end::length && framing.length != range->last - range->first + 1) {
    return unusable("Content-Length and Content-Range differ");
  }
  return {verdict::kind::part, *range, range->size, {}};
}

}  // namespace

result<verdict> judge(const http::response_head& head, const http::body_framing& framing, const request& asked,
                      std::string_view subject) {
  const bool ranged = asked.range.has_value();
  if (ranged && head.status == 412) return verdict{verdict::kind::changed, {}, {}, {}};
  if (ranged && head.status == 416) {
    const auto ranges = head.values("Content-Range");
    const auto told = ranges.size() == 1 ? http::parse_unsatisfied_range(ranges.front()) : std::nullopt;
    return verdict{verdict::kind::unsatisfied, {}, told ? told->size : std::nullopt, {}};
  }
  if (ranged && head.status / 100 == 2 && head.status != 200) return judge_part(head, framing);
  if (head.status != 200) return refusal(head, subject);
  if (auto problem = problem_of_coding(head); !problem.empty()) {
    return error::make(errc::unexpected_answer, "get", subject, problem);
  }
  if (auto problem = problem_of_framing(head, framing); !problem.empty()) {
    return error::make(errc::malformed_answer, "get", subject, problem);
  }
  verdict made;
  if (framing.end == http::body_end::length) made.size = framing.length;
  return made;
}

bool is_of_connection(const error& why) {
  for (const char* const operation : {"connect to", "receive from", "send to", "resolve"}) {
    if (std::strcmp(why.operation(), operation) == 0) return true;
  }
  return false;
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
