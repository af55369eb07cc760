// What a person types: a command is found or none, escapes are bytes or refused, and any split of the same text gives the same bytes.
#include <cstdlib>
#include <utility>

#include "talk/command.h"
#include "talk/composer.h"
#include "talk/escapes.h"

namespace {

using namespace sampan::talk;

std::string compose(composer c, std::string_view first, std::string_view second) {
  std::string out;
  for (std::string_view part : {first, second}) {
    while (!part.empty()) {
      // A character in two pieces that turns out to be none is refused with what came before it: then the splits differ.
      if (!c.compose(part, out)) return "refused";
    }
  }
  return c.finish(out) ? out : "refused";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view typed(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto command = read_command(typed);
  if (command.text.size() > typed.size()) std::abort();
  if (command.kind == command_kind::kick && command.client == 0) std::abort();
  if (const auto pieces = read_escapes(typed)) {
    std::size_t length = 0;
    for (const typed_piece& one : *pieces) length += one.bytes.size();
    if (length > typed.size()) std::abort();
  }
  static const auto gbk = sampan::text::encoder::open(sampan::text::encoding::gbk).value();
  const sending_form form{.raw = (data[0] & 0x40) != 0,
                          .escapes = (data[0] & 1) != 0,
                          .crlf = (data[0] & 2) != 0,
                          .check = static_cast<checksum>((data[0] >> 2) % 5)};
  const composer fresh(gbk.another(), form);
  const std::size_t cut = data[1] % (typed.size() + 1);
  if (compose(fresh, typed, {}) != compose(fresh, typed.substr(0, cut), typed.substr(cut))) std::abort();
  return 0;
}
