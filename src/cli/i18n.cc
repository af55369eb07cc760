#include "cli/i18n.h"

#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace sampan::cli {

namespace {

bool chinese = false;

std::string wanted_locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value && *value) return value;
  }
  return {};
}

// As GNU gettext has it: LANGUAGE is a priority list, and counts unless the locale is the plain C one.
bool wants_chinese() {
  const std::string locale = wanted_locale();
  const char* list = std::getenv("LANGUAGE");
  const bool plain = locale.empty() || locale == "C" || locale == "POSIX";
  return (list && *list && !plain ? std::string(list) : locale).starts_with("zh");
}

}  // namespace

void choose_language() {
  chinese = wants_chinese();
  // A bare Debian has only C.UTF-8; gettext translates under it when LANGUAGE names the catalogue, and never under C.
  std::setlocale(LC_ALL, "C.UTF-8");
  setenv("LANGUAGE", chinese ? "zh_CN" : "en", 1);
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& folder : {program / "locale", program.parent_path() / "share/locale"}) {
    if (std::filesystem::is_directory(folder, ignored)) {
      bindtextdomain("sampan", folder.c_str());
      break;
    }
  }
  bind_textdomain_codeset("sampan", "UTF-8");
  textdomain("sampan");
}

bool speaks_chinese() { return chinese; }

}  // namespace sampan::cli
