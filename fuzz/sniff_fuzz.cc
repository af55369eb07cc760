// sniff() on any bytes: a name is a piece of them and not too long, the end and quiet always decide, and waiting has a length.
#include <cstdlib>

#include "server/sniff.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan::serving;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const bool ended : {false, true}) {
    for (const bool quiet : {false, true}) {
      const auto got = sniff({bytes, 1, ended, quiet});
      const bool inside = got.name.empty() || (got.name.data() >= bytes.data() &&
                                               got.name.data() + got.name.size() <= bytes.data() + bytes.size());
      if (!inside || got.name.size() > longest_name) std::abort();
      if ((ended || quiet) && got.kind == protocol::undecided) std::abort();
      if (got.kind == protocol::undecided && got.quiet.count() == 0) std::abort();
    }
  }
  return 0;
}
