#include "http/request.h"

#include <cstring>
#include <limits>

namespace sampan::http {
namespace {

constexpr std::size_t known_count = static_cast<std::size_t>(known::count_);

// In the order of the enumeration.
constexpr std::array<std::string_view, known_count> known_names = {
    "host",     "connection",    "content-length",    "transfer-encoding",   "expect", "range",           "if-range",
    "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "accept", "accept-encoding", "user-agent",
    "referer",  "origin",        "want-repr-digest"};
constexpr std::size_t shortest_known = 4;

// A slot for each known name, found from its length, first and fourth letter in either case. The factors were found by trying;
// that no two names share a slot is checked below.
constexpr std::size_t slots = 32;
constexpr std::size_t slot_of(std::string_view name) noexcept {
  const unsigned first = static_cast<unsigned char>(name[0]) | 0x20U;
  const unsigned fourth = static_cast<unsigned char>(name[3]) | 0x20U;
  return (2 * name.size() + 2 * first + fourth) % slots;
}

constexpr std::array<known, slots> known_by_slot = [] {
  std::array<known, slots> table{};
  table.fill(known::count_);
  for (std::size_t i = 0; i < known_count; ++i) table[slot_of(known_names[i])] = static_cast<known>(i);
  return table;
}();

static_assert([] {
  for (std::size_t i = 0; i < known_count; ++i) {
    if (known_by_slot[slot_of(known_names[i])] != static_cast<known>(i)) return false;
  }
  return true;
}());

// Whether Word's bytes at both places are the same but for case.
template <typename Word>
bool same_in_lower_case(const char* text, const char* lower) noexcept {
  Word ours = 0;
  Word theirs = 0;
  std::memcpy(&ours, text, sizeof ours);
  std::memcpy(&theirs, lower, sizeof theirs);
  // In a known name only letters have the bit 0x40; the case is the bit below. So a hyphen is compared exactly.
  constexpr Word letter_bits = std::numeric_limits<Word>::max() / 0xff * 0x40;
  return (ours | (theirs & letter_bits) >> 1) == theirs;
}

// In words that overlap at the end; names are of 4 bytes at least.
template <typename Word>
bool is_name(std::string_view text, std::string_view lower) noexcept {
  const std::size_t last = text.size() - sizeof(Word);
  for (std::size_t i = 0; i < last; i += sizeof(Word)) {
    if (!same_in_lower_case<Word>(text.data() + i, lower.data() + i)) return false;
  }
  return same_in_lower_case<Word>(text.data() + last, lower.data() + last);
}

}  // namespace

known known_field(std::string_view name) noexcept {
  if (name.size() < shortest_known) return known::count_;
  const known found = known_by_slot[slot_of(name)];
  if (found == known::count_) return found;
  const std::string_view lower = known_names[static_cast<std::size_t>(found)];
  if (name.size() != lower.size()) return known::count_;
  const bool same = name.size() < 8 ? is_name<std::uint32_t>(name, lower) : is_name<std::uint64_t>(name, lower);
  return same ? found : known::count_;
}

std::string request_head::combined(known which) const {
  std::string all(value(which));
  if (!repeated(which)) return all;
  for (const field& line : fields().subspan(first_[index(which)] + std::size_t{1})) {
    if (known_field(line.name) != which) continue;
    all += ", ";
    all += line.value;
  }
  return all;
}

void request_head::clear() noexcept {
  verb = method::unknown;
  method_name = target = {};
  minor = 1;
  length = 0;
  keep_alive = expects_continue = unknown_expectation = false;
  body = body_kind::none;
  content_length = 0;
  first_.fill(absent);
  repeated_ = 0;
  count_ = 0;
}

void request_head::add(field line, known which) noexcept {
  if (count_ == most_fields) return;
  if (which != known::count_) {
    if (has(which))
      repeated_ |= 1U << index(which);
    else
      first_[index(which)] = static_cast<std::uint8_t>(count_);
  }
  fields_[count_++] = line;
}

}  // namespace sampan::http
