#include "cli/replay_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>

#include "cli/i18n.h"
#include "talk/transcript.h"

namespace sampan::cli {

namespace {
// All of it is held in memory while it is sent.
constexpr std::size_t largest_replay = 256U << 20;
}  // namespace

result<std::vector<talk::replay_step>> read_replay(const std::string& path, const std::string& side) {
  if (side != "in" && side != "out")
    return error::make(errc::bad_value, "read", "--replay-side " + side, _("in or out"));
  const auto wanted = side == "in" ? talk::direction::in : talk::direction::out;
  std::ifstream file(path, std::ios::binary);
  if (!file) return error::system(errno, "open", path);
  std::vector<talk::replay_step> steps;
  talk::milliseconds pause{0};
  std::size_t size = 0;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if ((size += line.size()) > largest_replay) return error::make(errc::bad_value, "read", path, _("too long"));
    const auto one = talk::record_from_json(line);
    if (!one) return error::make(errc::bad_value, "read", fmt::format("{}:{}", path, number), one.error().detail());
    pause += steps.empty() ? talk::milliseconds(0) : one->delta;
    if (one->way != wanted || one->bytes.empty()) continue;
    steps.push_back({pause, one->bytes});
    pause = talk::milliseconds(0);
  }
  if (steps.empty()) return error::make(errc::bad_value, "read", path, _("there is no record of that side"));
  return steps;
}

}  // namespace sampan::cli
