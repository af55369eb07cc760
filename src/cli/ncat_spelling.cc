#include "cli/ncat_spelling.h"

#include <string_view>

namespace sampan::cli {

namespace {

constexpr std::string_view with_value = "pwixseb";  // short options that take the rest of the word or the next word
constexpr std::string_view left_out = "lkvnw";

bool is_cluster(const std::string& word) { return word.size() > 1 && word[0] == '-' && word[1] != '-'; }

/// One word of short options, taken apart.
struct cluster {
  std::string letters;
  std::string value;  // of the last letter
  bool wants_value = false;
};

cluster take_apart(const std::string& word) {
  cluster made;
  for (std::size_t i = 1; i < word.size(); ++i) {
    made.letters += word[i];
    if (with_value.find(word[i]) == std::string_view::npos) continue;
    made.value = word.substr(i + 1);
    made.wants_value = made.value.empty();
    break;
  }
  return made;
}

// Long options of both commands with a value of their own word; the others are switches.
bool takes_next(const std::string& word) {
  for (const char* const name :
       {"--encoding",   "--reply",       "--reply-delay", "--reply-limit",  "--every",         "--send",
        "--view",       "--frame",       "--log",         "--hex-dump",     "--checksum",      "--idle-timeout",
        "--quiet-time", "--max-clients", "--backlog",     "--bind",         "--port",          "--allow",
        "--deny",       "--allow-file",  "--deny-file",   "--send-timeout", "--linger-timeout"}) {
    if (word == name) return true;
  }
  return false;
}

}  // namespace

std::optional<std::vector<std::string>> as_listen(const std::vector<std::string>& words) {
  std::vector<std::string> made{"--stay"};
  std::vector<std::string> arguments;
  bool listens = false;
  bool options_over = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_over || word == "-" || !word.starts_with('-')) {
      arguments.push_back(word);
    } else if (word == "--") {
      options_over = true;
    } else if (word == "--listen" || word == "--keep-open" || word == "--verbose" || word == "--numeric") {
      listens = listens || word == "--listen";
    } else if (is_cluster(word)) {
      cluster all = take_apart(word);
      if (all.wants_value && i + 1 < words.size()) all.value = words[++i];
      for (const char letter : all.letters) {
        listens = listens || letter == 'l';
        if (left_out.find(letter) != std::string_view::npos) continue;
        made.push_back(std::string("-") + letter);
        if (with_value.find(letter) != std::string_view::npos) made.push_back(all.value);
      }
    } else {
      made.push_back(word);
      if (takes_next(word) && i + 1 < words.size()) made.push_back(words[++i]);
    }
  }
  if (!listens) return std::nullopt;
  if (arguments.size() == 2) {
    made.insert(made.end(), {"-b", arguments.front()});
    arguments.erase(arguments.begin());
  }
  made.push_back("--");
  made.insert(made.end(), arguments.begin(), arguments.end());
  return made;
}

}  // namespace sampan::cli
