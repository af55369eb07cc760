// The decoders: any split of the bytes gives the same text, and the text is UTF-8.
#include <cstdlib>

#include "text/decoder.h"
#include "text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan::text;
  if (size < 2) return 0;
  const auto which = static_cast<encoding>(data[0] % (static_cast<int>(encoding::ascii) + 1));
  const std::size_t cut = data[1] % size;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto table = decoder::open(which);
  if (!table) return 0;
  std::string whole;
  auto one = table->another();
  one.feed(bytes, whole);
  one.finish(whole);
  std::string split;
  auto two = table->another();
  two.feed(bytes.substr(0, std::min(cut, bytes.size())), split);
  two.feed(bytes.substr(std::min(cut, bytes.size())), split);
  two.finish(split);
  if (whole != split || !is_utf8(whole)) std::abort();
  return 0;
}
