// sampan: chooses the sub-command.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "cli/commands.h"
#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/ncat_spelling.h"
#include "cli/signals.h"

namespace sampan::cli {
namespace {

struct entry {
  const command& about;
  int (*run)(const arguments&, int);
};

const std::array entries = {
    entry{serve_command, run_serve}, entry{get_command, run_get}, entry{listen_command, run_listen},
    entry{talk_command, run_talk},   entry{lab_command, run_lab},
};

const entry* find_command(const std::string& name) {
  for (const entry& one : entries) {
    if (name == one.about.name) return &one;
  }
  return nullptr;
}

int print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? exit_ok : exit_local;
}

std::string overview() {
  std::string text =
      fmt::format("{} sampan {} …\n\n{}\n\n", _("usage:"), _("COMMAND"), _("Moves files and text over TCP."));
  for (const entry& one : entries) {
    text += fmt::format("  sampan {:<26} {}\n", fmt::format("{} {}", one.about.name, one.about.arguments),
                        _(one.about.summary));
  }
  return text +
         fmt::format("\n{}\n", _("sampan help COMMAND tells more about one; sampan --version tells the version."));
}

int help(const std::vector<std::string>& words) {
  if (words.empty()) return print(overview());
  if (const entry* one = find_command(words.front())) return print(help_text(one->about));
  return fail(error::make(errc::bad_value, "read", words.front(), _("unknown command; sampan help lists them")));
}

// --help counts before everything else, but not among arguments after `--`.
bool asks_for_help(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

int run(std::vector<std::string> words) {
  if (words.empty()) return help({});
  const std::string first = words.front();
  words.erase(words.begin());
  if (first == "--version" || first == "-V") return print(fmt::format("sampan {}\n", SAMPAN_VERSION));
  if (first == "help" || first == "--help" || first == "-h") return help(words);
  const entry* chosen = find_command(first);
  if (chosen && &chosen->about == &talk_command && !asks_for_help(words)) {
    if (auto listening = as_listen(words)) {
      chosen = find_command(listen_command.name);
      words = std::move(*listening);
    }
  }
  if (!chosen) return fail(error::make(errc::bad_value, "read", first, _("unknown command; sampan help lists them")));
  if (asks_for_help(words)) return print(help_text(chosen->about));
  const auto given = parse(chosen->about, words);
  if (!given) return fail(given.error());
  return chosen->run(*given, take_signals());
}

// A stream closed by whoever started us must not become the number of a socket or a file.
void occupy_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) [[maybe_unused]]
      const int opened = open("/dev/null", O_RDWR);
  }
}

}  // namespace
}  // namespace sampan::cli

int main(int argc, char** argv) {
  sampan::cli::occupy_standard_streams();
  sampan::cli::choose_language();
  try {
    return sampan::cli::run({argv + 1, argv + std::max(argc, 1)});
  } catch (const sampan::failure& start_up) {
    return sampan::cli::fail(start_up.cause);
  }
}
