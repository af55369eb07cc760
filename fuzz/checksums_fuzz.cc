// Lists of sums: a sum has 32 bytes, there is none where two differ, and a line with another sum makes them differ.
#include <cstdlib>

#include "client/checksums.h"
#include "text/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  bool contradictory = false;
  auto sum = sampan::client::find_sha256(text, "f", &contradictory);
  if (!sum) return 0;
  if (sum->size() != 32 || contradictory) std::abort();
  const auto again = "\n" + sampan::text::hex_encode(*sum) + "  f\n";
  if (sampan::client::find_sha256(text + again, "f") != sum) std::abort();
  sum->front() ^= 1;
  const auto another = again + sampan::text::hex_encode(*sum) + "  f\n";
  if (sampan::client::find_sha256(text + another, "f", &contradictory) || !contradictory) std::abort();
  return 0;
}
