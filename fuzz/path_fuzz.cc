// without_dot_segments(): what comes out has no dot segments, no empty ones, and does not change when done again.
#include <cstdlib>

#include "store/local_dir.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using sampan::store::without_dot_segments;
  const auto found = without_dot_segments({reinterpret_cast<const char*>(data), size});
  if (!found) return 0;
  const std::string& clean = *found;
  const std::string framed = '/' + clean + '/';
  const bool leads_up = framed.find("/../") != framed.npos || framed.find("/./") != framed.npos;
  const bool has_empty = !clean.empty() && framed.find("//") != framed.npos;
  if (leads_up || has_empty || without_dot_segments(clean) != clean) std::abort();
  return 0;
}
