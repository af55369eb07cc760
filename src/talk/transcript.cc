#include "talk/transcript.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "text/escape.h"
#include "text/hex.h"
#include "text/hex_dump.h"

namespace sampan::talk {

namespace {

constexpr milliseconds longest_delta{86'400'000};  // a day, as for every TIME on the command line

/// The members of one object, whose values are texts, numbers or words. Texts keep their escapes: those that matter here have none.
class members {
 public:
  explicit members(std::string_view text) : rest_(text) {}

  /// The next member; false: the object has ended, or failed().
  bool next(std::string_view& name, std::string_view& value) {
    skip_blanks();
    if (!take(first_ ? '{' : ',')) {
      if (first_ || !take('}')) return fail();
      return ended();
    }
    skip_blanks();
    if (std::exchange(first_, false) && take('}')) return ended();
    if (!text(name)) return fail();
    skip_blanks();
    if (!take(':')) return fail();
    skip_blanks();
    return text(value) || word(value) || fail();
  }
  bool failed() const noexcept { return failed_; }

 private:
  bool fail() {
    failed_ = true;
    return false;
  }
  bool ended() {
    skip_blanks();
    failed_ = !rest_.empty();
    return false;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    const auto end = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
  }
  bool text(std::string_view& out) {
    if (!rest_.starts_with('"')) return false;
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return false;
    out = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool word(std::string_view& out) {
    out = rest_.substr(0, rest_.find_first_of(",} \t\r\n"));
    rest_.remove_prefix(out.size());
    return !out.empty() && out.find_first_of("[{\"") == std::string_view::npos;
  }

  std::string_view rest_;
  bool first_ = true;
  bool failed_ = false;
};

template <class Number>
std::optional<Number> number_of(std::string_view digits) {
  Number value = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (bad != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

error broken(const char* why) { return error::make(errc::bad_value, "read", "", why); }

}  // namespace

std::string record_to_json(const record& what, milliseconds delta) {
  const auto since = std::chrono::floor<milliseconds>(what.time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format(
      R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","delta_ms":{},"direction":"{}","client":{},"peer":"{}","size":{},"hex":"{}","text":"{}"}})"
      "\n",
      fmt::gmtime(static_cast<std::time_t>(seconds.count())), (since - seconds).count(), delta.count(),
      what.way == direction::in ? "in" : "out", what.client, text::escape_json(what.peer), what.bytes.size(),
      text::hex_encode(what.bytes), text::escape_json(what.text));
}

result<replayable> record_from_json(std::string_view line) {
  members all(line);
  std::string_view name;
  std::string_view value;
  std::optional<milliseconds> delta;
  std::optional<direction> way;
  std::optional<std::string> bytes;
  std::uint64_t client = 0;
  while (all.next(name, value)) {
    if (name == "delta_ms") {
      if (const auto ms = number_of<std::int64_t>(value); ms && *ms >= 0)
        delta = std::min(milliseconds(*ms), longest_delta);
    } else if (name == "direction") {
      if (value == "in") way = direction::in;
      if (value == "out") way = direction::out;
    } else if (name == "hex") {
      bytes = text::typed_hex(value);
    } else if (name == "client") {
      client = number_of<std::uint64_t>(value).value_or(0);
    }
  }
  if (all.failed()) return broken("no JSON object of texts and numbers");
  if (!delta) return broken("delta_ms is missing or no whole number");
  if (!way) return broken("direction is neither in nor out");
  if (!bytes) return broken("hex is missing or no hexadecimal");
  return replayable{*delta, *way, client, std::move(*bytes)};
}

}  // namespace sampan::talk
