// Rules as written, and messages against them: refused or usable, and never more replies than lines. Input: rules, a NUL, a message.
#include <algorithm>
#include <cstdlib>

#include "talk/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto nul = input.find('\0');
  if (nul == std::string_view::npos) return 0;
  std::vector<std::string> written;
  for (std::string_view rest = input.substr(0, nul); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    written.emplace_back(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  static const auto encoder = text::encoder::open(text::encoding::gbk).value();
  static const auto decoder = text::decoder::open(text::encoding::gbk).value();
  const auto rules = talk::reply_rules::read(written, encoder, decoder);
  if (!rules) return 0;
  std::string message;
  auto fresh = decoder.another();
  fresh.feed(input.substr(nul + 1), message);
  fresh.finish(message);
  talk::reply_facts facts{.time = "now", .count = 0, .peer = "peer"};
  std::string out;
  const auto replies = rules->answer(message, facts, encoder, out);
  const auto lines = static_cast<std::size_t>(std::count(message.begin(), message.end(), '\n')) + 1;
  if (replies > lines || replies != facts.count || (replies == 0 && !out.empty())) std::abort();
  return 0;
}
