#include "http/digest_fields.h"

#include <array>

#include "http/characters.h"
#include "http/field_syntax.h"
#include "http/structured_field.h"
#include "text/base64.h"

namespace sampan::http {

namespace {

struct algorithm_name {
  base::digest_algorithm algorithm;
  std::string_view name;
};
// RFC 9530 7.2, strongest first; the older registry has the same names in capitals.
constexpr std::array<algorithm_name, 4> algorithms = {{{base::digest_algorithm::sha512, "sha-512"},
                                                       {base::digest_algorithm::sha256, "sha-256"},
                                                       {base::digest_algorithm::sha1, "sha"},
                                                       {base::digest_algorithm::md5, "md5"}}};

constexpr const char* malformed = "it is malformed";

// What has been found of each algorithm.
class collection {
 public:
  void note(const char* what) {
    if (note_.empty()) note_ = what;
  }

  void take(std::string_view name, const std::optional<std::string>& bytes) {
    for (std::size_t i = 0; i < algorithms.size(); ++i) {
      if (!same_word(name, algorithms[i].name)) continue;
      if (!bytes) return note(malformed);
      if (bytes->size() != base::digest_size(algorithms[i].algorithm)) return note("a digest has the wrong length");
      auto& known = found_[i];
      if (known.bytes && *known.bytes != *bytes) {
        known.is_contradicted = true;
        note("two digests of one algorithm differ");
      }
      known.bytes = *bytes;
      return;
    }
    note("an algorithm is not known");
  }

  digest_reading reading() && {
    for (std::size_t i = 0; i < algorithms.size(); ++i) {
      if (!found_[i].bytes || found_[i].is_contradicted) continue;
      return {digest{algorithms[i].algorithm, std::move(*found_[i].bytes)}, std::move(note_)};
    }
    return {std::nullopt, std::move(note_)};
  }

 private:
  struct finding {
    std::optional<std::string> bytes;
    bool is_contradicted = false;
  };
  std::array<finding, algorithms.size()> found_;
  std::string note_;
};

// RFC 9110 5.3. Nothing where it is longer than any dictionary may be.
std::optional<std::string> join(std::span<const std::string_view> values) {
  std::string all;
  for (const auto value : values) {
    if (trim(value).empty()) continue;
    if (value.size() > longest_dictionary) return std::nullopt;
    if (!all.empty()) all += ", ";
    all += value;
    if (all.size() > longest_dictionary) return std::nullopt;
  }
  return all;
}

}  // namespace

digest_reading read_repr_digest(std::span<const std::string_view> values) {
  const auto all = join(values);
  if (!all) return {std::nullopt, "it is too long"};
  const auto members = parse_dictionary(*all);
  if (!members) return {std::nullopt, malformed};
  collection found;
  for (const auto& member : *members) found.take(member.key, member.bytes);
  return std::move(found).reading();
}

digest_reading read_digest(std::span<const std::string_view> values) {
  const auto all = join(values);
  if (!all) return {std::nullopt, "it is too long"};
  collection found;
  std::size_t members = 0;
  for (std::string_view rest = *all; !rest.empty();) {
    const auto member = take_member(rest);
    if (member.empty()) continue;
    if (++members > most_dictionary_members) return {std::nullopt, "it has too many members"};
    const auto equals = member.find('=');
    if (equals == member.npos) {
      found.note(malformed);
    } else {
      found.take(member.substr(0, equals), text::base64_decode(member.substr(equals + 1)));
    }
  }
  return std::move(found).reading();
}

std::string format_repr_digest(const digest& one) {
  std::string value;
  for (const auto& [algorithm, name] : algorithms) {
    if (algorithm == one.algorithm) value = name;
  }
  return value + "=:" + text::base64_encode(one.bytes) + ':';
}

bool wants_sha256(std::string_view want_repr_digest) {
  constexpr std::int64_t most_preferred = 10;
  const auto members = parse_dictionary(want_repr_digest);
  bool wanted = false;
  for (const auto& member : members.value_or(std::vector<dictionary_member>())) {
    if (member.key != "sha-256") continue;
    wanted =
        member.integer && *member.integer > 0 && *member.integer <= most_preferred;  // RFC 8941 3.2: the last counts
  }
  return wanted;
}

}  // namespace sampan::http
