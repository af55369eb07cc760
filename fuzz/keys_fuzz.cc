// The prompt line: any keys, split anywhere, give the same lines and the same text; it stays whole characters, and is drawn within the terminal.
#include <cstdlib>

#include "text/utf8.h"
#include "ui/line_editor.h"
#include "ui/line_view.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan;
  if (size < 3) return 0;
  const std::string_view keys(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::size_t cut = data[0] % (keys.size() + 1);
  ui::line_editor whole;
  ui::line_editor split;
  const auto lines = whole.feed(keys).lines;
  const auto first = split.feed(keys.substr(0, cut));
  auto again = first.lines;
  if (!first.ended) {
    for (const std::string& one : split.feed(keys.substr(cut)).lines) again.push_back(one);
  }
  if (lines != again || whole.line() != split.line() || whole.cursor() != split.cursor()) std::abort();
  if (!text::is_utf8(whole.line()) || whole.cursor() > whole.line().size()) std::abort();
  if (!text::is_utf8(std::string_view(whole.line()).substr(0, whole.cursor()))) std::abort();
  ui::line_view view("> ");
  view.resize(data[1], data[2]);
  if (!text::is_utf8(view.draw(whole.line(), whole.cursor(), "before"))) std::abort();
  view.resize(data[2], data[1]);
  if (view.hide().find('\x1b') == std::string::npos || !view.hide().empty()) std::abort();
  return 0;
}
