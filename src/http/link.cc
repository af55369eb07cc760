#include "http/link.h"

#include <algorithm>
#include <utility>

#include "http/characters.h"
#include "http/field_syntax.h"

namespace sampan::http {

namespace {

std::string_view unquoted(std::string_view value) noexcept {
  if (value.starts_with('"')) value.remove_prefix(1);
  if (value.ends_with('"')) value.remove_suffix(1);
  return value;
}

// Whether the link is about the document it came with. `parameters` begins behind the `>`.
bool read_parameters(std::string_view parameters, link& into) noexcept {
  bool has_relation_parameter = false, has_type = false;
  while (!parameters.empty()) {
    const auto parameter = take_member(parameters, ';');
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto name = trim(parameter.substr(0, equals));
    const auto value = unquoted(trim(parameter.substr(std::min(equals + 1, parameter.size()))));
    if (same_word(name, "anchor")) return false;
    if (same_word(name, "rel") && !std::exchange(has_relation_parameter, true)) into.relation = value;
    if (same_word(name, "type") && !std::exchange(has_type, true)) into.type = value;
  }
  return true;
}

}  // namespace

std::vector<link> parse_links(std::string_view value) {
  std::vector<link> links;
  while (!value.empty() && links.size() < most_links) {
    value = trim(value);
    link found;
    if (value.starts_with('<')) {
      const auto end = value.find('>');
      if (end == value.npos) break;
      found.target = trim(value.substr(1, end - 1));
      value.remove_prefix(end + 1);
    }
    const auto parameters = take_member(value);
    if (!found.target.empty() && read_parameters(parameters, found)) links.push_back(found);
  }
  return links;
}

bool has_relation(const link& one, std::string_view relation) noexcept {
  for (auto rest = one.relation; !rest.empty();) {
    if (same_word(take_member(rest, ' '), relation)) return true;
  }
  return false;
}

}  // namespace sampan::http
