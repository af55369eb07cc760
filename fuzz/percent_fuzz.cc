// Percent-encoding: what is encoded comes back and holds no separator of a URL, and decoding never makes anything longer.
#include <cstdlib>

#include "text/percent.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string encoded = percent_encode(bytes);
  if (percent_decode(encoded) != bytes || encoded.find_first_of("/?#:\\\"<>& \n") != encoded.npos) std::abort();
  if (percent_decode(bytes).size() > size) std::abort();
  return 0;
}
