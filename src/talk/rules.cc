#include "talk/rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "talk/escapes.h"

namespace sampan::talk {

namespace {

enum class match : unsigned char { anything, exact, contains, prefix, regex };

constexpr std::array<std::pair<std::string_view, match>, 4> kinds{
    {{"exact:", match::exact}, {"contains:", match::contains}, {"prefix:", match::prefix}, {"regex:", match::regex}}};
constexpr std::string_view arrow = "=>";
// For one compiled pattern and its automata: a hundred times what ordinary ones need.
constexpr std::int64_t most_regex_memory = 4 << 20;

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

result<std::unique_ptr<re2::RE2>> compile(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(most_regex_memory);
  auto made = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!made->ok()) return error::make(errc::bad_value, "read", pattern, made->error());
  return made;
}

// The pattern as it would be shown if a peer sent it.
result<std::string> as_shown(std::string_view pattern, text::encoder encoder, text::decoder decoder) {
  std::string bytes;
  if (auto done = encode_escaped(pattern, encoder, bytes); !done) return done.error();
  std::string shown;
  decoder.feed(bytes, shown);
  decoder.finish(shown);
  return shown;
}

}  // namespace

std::string local_time_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts)};
}

result<reply_text> reply_text::read(std::string_view written, text::encoder encoder) {
  constexpr std::array<std::pair<std::string_view, part>, 3> names{
      {{"{time}", part::time}, {"{count}", part::count}, {"{peer}", part::peer}}};
  reply_text made;
  const auto add = [&](std::string_view text) -> result<void> {
    std::string bytes;
    if (auto done = encode_escaped(text, encoder, bytes); !done) return done.error();
    if (!bytes.empty()) made.parts_.emplace_back(part::bytes, std::move(bytes));
    return {};
  };
  std::size_t begin = 0;
  for (std::size_t at = 0; (at = written.find('{', at)) != std::string_view::npos;) {
    const std::size_t brace = at++;
    for (const auto& [name, what] : names) {
      if (!written.substr(brace).starts_with(name)) continue;
      if (auto done = add(written.substr(begin, brace - begin)); !done) return done.error();
      made.parts_.emplace_back(what, std::string());
      begin = at = brace + name.size();
    }
  }
  if (auto done = add(written.substr(begin)); !done) return done.error();
  return made;
}

result<reply_text> reply_text::literal(std::string_view text, text::encoder encoder) {
  std::string bytes;
  if (auto done = encoder.encode(text, bytes); !done) return done.error();
  if (auto whole = encoder.finish(); !whole) return whole.error();
  reply_text made;
  if (!bytes.empty()) made.parts_.emplace_back(part::bytes, std::move(bytes));
  return made;
}

void reply_text::append(std::string& out, const reply_facts& facts, text::encoder encoder) const {
  const auto put = [&](const std::string& ascii) { static_cast<void>(encoder.encode(ascii, out)); };  // never fails
  for (const auto& [what, bytes] : parts_) {
    switch (what) {
      case part::bytes: out += bytes; break;
      case part::time: put(facts.time); break;
      case part::count: put(std::to_string(facts.count)); break;
      case part::peer: put(facts.peer); break;
    }
  }
}

struct reply_rules::rule {
  match kind = match::anything;
  std::string pattern;
  std::unique_ptr<re2::RE2> regex;
  reply_text reply;

  bool fits(std::string_view line) const {
    switch (kind) {
      case match::anything: return false;
      case match::exact: return line == pattern;
      case match::contains: return line.find(pattern) != std::string_view::npos;
      case match::prefix: return line.starts_with(pattern);
      case match::regex: return re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *regex);
    }
    return false;
  }
};

reply_rules::reply_rules() = default;
reply_rules::~reply_rules() = default;
reply_rules::reply_rules(reply_rules&&) noexcept = default;
reply_rules& reply_rules::operator=(reply_rules&&) noexcept = default;

result<reply_rules> reply_rules::read(const std::vector<std::string>& written, const text::encoder& encoder,
                                      const text::decoder& decoder) {
  reply_rules made;
  for (std::string_view text : written) {
    if (text.empty()) continue;  // no reply
    const auto at = text.find(arrow);
    const bool literal = at == std::string_view::npos;
    std::string_view pattern = literal ? std::string_view() : text.substr(0, at);
    rule one;
    if (!pattern.empty()) one.kind = match::exact;
    for (const auto& [name, kind] : kinds) {
      if (!pattern.starts_with(name)) continue;
      one.kind = kind;
      pattern.remove_prefix(name.size());
      break;
    }
    if (pattern.size() > longest_pattern)
      return error::make(errc::bad_value, "read", pattern.substr(0, 32), "too long");
    if (one.kind == match::regex) {
      auto regex = compile(pattern);
      if (!regex) return regex.error();
      one.regex = std::move(*regex);
    } else if (one.kind != match::anything) {
      auto shown = as_shown(pattern, encoder.another(), decoder.another());
      if (!shown) return shown.error();
      one.pattern = std::move(*shown);
    }
    auto reply = literal ? reply_text::literal(text, encoder.another())
                         : reply_text::read(text.substr(at + arrow.size()), encoder.another());
    if (!reply) return reply.error();
    one.reply = std::move(*reply);
    made.rules_.push_back(std::move(one));
  }
  return made;
}

const reply_rules::rule* reply_rules::first_for(std::string_view line, bool exact_only) const {
  for (const rule& one : rules_) {
    if ((!exact_only || one.kind == match::exact) && one.fits(line)) return &one;
  }
  return nullptr;
}

std::size_t reply_rules::answer(std::string_view message, reply_facts& facts, const text::encoder& encoder,
                                std::string& out) const {
  std::size_t replies = 0;
  const auto reply_by = [&](const rule& one) {
    ++facts.count;
    ++replies;
    one.reply.append(out, facts, encoder.another());
  };
  const std::string_view whole = without_line_end(message);
  if (const rule* one = first_for(whole, true)) {
    reply_by(*one);
    return replies;
  }
  for (std::string_view rest = message; !rest.empty();) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    if (const rule* one = first_for(without_line_end(line), false)) reply_by(*one);
  }
  for (const rule& one : rules_) {
    if (replies != 0) break;
    if (one.kind == match::anything) reply_by(one);
  }
  return replies;
}

}  // namespace sampan::talk
