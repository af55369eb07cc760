#include "client/verdict.h"

#include <algorithm>

namespace sampan::client {

namespace {

// More of a server's words than this says no more to a person.
constexpr std::size_t longest_quote = 500;

std::string quoted(std::string_view words) {
  if (words.size() <= longest_quote) return std::string(words);
  return std::string(words.substr(0, longest_quote)) + "…";
}

std::string status_of(const http::response_head& head) {
  return std::to_string(head.status) + (head.reason.empty() ? "" : ' ' + quoted(head.reason));
}

// RFC 9110 12.5.3: `identity` is no coding at all, and was asked for.
bool is_identity(std::string_view coding) {
  constexpr std::string_view identity = "identity";
  return coding.empty() || std::equal(coding.begin(), coding.end(), identity.begin(), identity.end(),
                                      [](char a, char b) { return (a | 0x20) == b; });
}

error refusal(const http::response_head& head, std::string_view subject) {
  const auto make = [&](errc code, const std::string& detail) { return error::make(code, "get", subject, detail); };
  const int kind = head.status / 100;
  if (head.status == 404 || head.status == 410) return make(errc::no_such_file, status_of(head));
  const auto places = head.values("Location");
  if (kind == 3 && !places.empty() && !places.front().empty()) return make(errc::redirected, quoted(places.front()));
  return make(kind >= 3 ? errc::refused_by_peer : errc::unexpected_answer, status_of(head));
}

}  // namespace

result<http::body_framing> judge(const http::response_head& head, std::string_view subject) {
  if (head.status != 200) return refusal(head, subject);
  for (const auto coding : head.values("Content-Encoding")) {
    if (is_identity(coding)) continue;
    return error::make(errc::unexpected_answer, "get", subject, "Content-Encoding: " + quoted(coding));
  }
  const auto framing = http::framing_of(head);
  if (*framing.problem == '\0') return framing;
  std::string problem = framing.problem;
  if (framing.end == http::body_end::chunked) problem += ": " + quoted(head.values("Transfer-Encoding").front());
  return error::make(errc::malformed_answer, "get", subject, problem);
}

}  // namespace sampan::client
