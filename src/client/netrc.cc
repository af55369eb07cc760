#include "client/netrc.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "http/characters.h"

namespace sampan::client {

namespace {

struct entry {
  bool is_default = false;
  std::string machine;
  std::optional<std::string> login, password;
};

// Takes a word off the line, which begins with it; nothing where a quote is not closed.
std::optional<std::string> take_word(std::string_view& line) {
  if (!line.starts_with('"')) {
    const auto end = std::min(line.find_first_of(" \t\r"), line.size());
    const auto word = line.substr(0, end);
    line.remove_prefix(end);
    return std::string(word);
  }
  std::string word;
  for (std::size_t i = 1; i < line.size(); ++i) {
    char c = line[i];
    if (c == '"') {
      line.remove_prefix(i + 1);
      return word;
    }
    if (c == '\\' && i + 1 < line.size()) {
      c = line[++i];
      c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
    }
    word += c;
  }
  return std::nullopt;
}

// Collects the entries, word by word.
class reader {
 public:
  // Whether all quotes are closed.
  bool read(std::string_view text) {
    while (!text.empty()) {
      const auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      if (in_macro_) {
        in_macro_ = !(line.empty() || line == "\r");
      } else if (!read_line(line)) {
        return false;
      }
    }
    return true;
  }
  const std::vector<entry>& entries() const noexcept { return entries_; }

 private:
  bool read_line(std::string_view line) {
    for (;;) {
      line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
      if (line.empty() || line[0] == '#') return true;
      const auto word = take_word(line);
      if (!word) return false;
      take(*word);
      if (in_macro_) return true;
    }
  }

  void take(const std::string& word) {
    const auto expected = std::exchange(expected_, value::keyword);
    switch (expected) {
      case value::machine: entries_.push_back({false, word, {}, {}}); return;
      case value::login: entries_.back().login = word; return;
      case value::password: entries_.back().password = word; return;
      case value::unused: return;
      case value::keyword: break;
    }
    if (http::same_word(word, "machine")) {
      expected_ = value::machine;
    } else if (http::same_word(word, "default")) {
      entries_.push_back({true, {}, {}, {}});
    } else if (http::same_word(word, "macdef")) {
      in_macro_ = true;
    } else if (http::same_word(word, "login")) {
      expected_ = entries_.empty() ? value::unused : value::login;
    } else if (http::same_word(word, "password")) {
      expected_ = entries_.empty() ? value::unused : value::password;
    } else if (http::same_word(word, "account")) {
      expected_ = value::unused;
    }
  }

  enum class value { keyword, machine, login, password, unused } expected_ = value::keyword;
  bool in_macro_ = false;
  std::vector<entry> entries_;
};

}  // namespace

std::optional<credentials> find_in_netrc(std::string_view text, std::string_view host, std::string_view wanted_user) {
  reader all;
  if (!all.read(text)) return std::nullopt;
  for (const bool in_default : {false, true}) {
    for (const auto& each : all.entries()) {
      const bool is_about_host = in_default ? each.is_default : !each.is_default && http::same_word(each.machine, host);
      const bool is_about_user = wanted_user.empty() || !each.login || *each.login == wanted_user;
      if (!is_about_host || !is_about_user || !(each.login || each.password)) continue;
      return credentials{each.login.value_or(std::string(wanted_user)), each.password.value_or("")};
    }
  }
  return std::nullopt;
}

}  // namespace sampan::client
