#include "http/negotiate.h"

#include <array>
#include <optional>

#include "http/characters.h"
#include "http/field_syntax.h"

namespace sampan::http {

namespace {

// Calls `use` with each member of the list that can be read.
template <class Use>
void for_each_weighed(std::string_view list, Use use) {
  while (!list.empty()) {
    const auto member = read_weighed(take_member(list));
    if (member && !member->name.empty()) use(*member);
  }
}

// How exactly a media range names a type: 3 by name, 2 `text/*`, 1 `*/*`, 0 not at all.
int exactness(std::string_view range, std::string_view type) noexcept {
  if (same_word(range, type)) return 3;
  if (range == "*/*") return 1;
  const auto major = type.substr(0, type.find('/') + 1);
  const bool any_of_major = range.ends_with("/*") && same_word(range.substr(0, range.size() - 1), major);
  return any_of_major ? 2 : 0;
}

}  // namespace

coding choose_coding(std::string_view accept_encoding, bool has_br, bool has_zstd, bool has_gzip) noexcept {
  std::optional<int> br, zstd, gzip, identity, others;
  const auto set_once = [](std::optional<int>& weight, int value) { weight = weight.value_or(value); };
  for_each_weighed(accept_encoding, [&](const weighed& member) {
    if (same_word(member.name, "br")) set_once(br, member.weight);
    if (same_word(member.name, "zstd")) set_once(zstd, member.weight);
    if (same_word(member.name, "gzip") || same_word(member.name, "x-gzip")) set_once(gzip, member.weight);
    if (same_word(member.name, "identity")) set_once(identity, member.weight);
    if (member.name == "*") set_once(others, member.weight);
  });
  struct candidate {
    coding which;
    bool available;
    std::optional<int> weight;
  };
  coding best = coding::identity;
  int best_weight = 0;
  for (const auto& [which, available, weight] :
       {candidate{coding::br, has_br, br}, candidate{coding::zstd, has_zstd, zstd},
        candidate{coding::gzip, has_gzip, gzip}, candidate{coding::identity, true, identity}}) {
    const int effective = weight.value_or(others.value_or(0));
    if (!available || effective <= best_weight) continue;
    best = which;
    best_weight = effective;
  }
  return best;
}

listing_form choose_listing(std::string_view accept) noexcept {
  struct candidate {
    listing_form form;
    std::string_view type;
    int exactness = 0, weight = 0;
  };
  std::array<candidate, 3> candidates = {{{listing_form::html, "text/html"},
                                          {listing_form::json, "application/json"},
                                          {listing_form::text, "text/plain"}}};
  for_each_weighed(accept, [&](const weighed& range) {
    for (auto& each : candidates) {
      const int found = exactness(range.name, each.type);
      if (found <= each.exactness) continue;  // RFC 9110 12.5.1: the most exact range counts
      each.exactness = found;
      each.weight = range.weight;
    }
  });
  const candidate* best = nullptr;
  for (const auto& each : candidates) {
    const bool better = best == nullptr || each.weight > best->weight ||
                        (each.weight == best->weight && each.weight > 0 && each.exactness > best->exactness);
    if (better) best = &each;
  }
  return best->form;
}

}  // namespace sampan::http
