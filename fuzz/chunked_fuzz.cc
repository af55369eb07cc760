// The chunked decoder: any split gives the same body and the same end, bodies are pieces of the input, and feed() always gets on.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "http/chunked.h"

namespace {

using sampan::http::chunked_decoder;

struct outcome {
  std::string body;
  std::size_t taken = 0;
  chunked_decoder::state now = chunked_decoder::state::more;
  bool operator==(const outcome&) const = default;
};

void feed(chunked_decoder& decoder, std::string_view bytes, outcome& sum) {
  while (!bytes.empty() && sum.now == chunked_decoder::state::more) {
    const auto step = decoder.feed(bytes);
    const bool inside = step.body.empty() || (step.body.data() >= bytes.data() &&
                                              step.body.data() + step.body.size() <= bytes.data() + step.taken);
    if (!inside || step.taken > bytes.size()) std::abort();
    if (step.now == chunked_decoder::state::more && step.taken == 0) std::abort();
    sum.body += step.body;
    sum.taken += step.taken;
    sum.now = step.now;
    bytes.remove_prefix(step.taken);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = std::min<std::size_t>(data[0] * 256U + data[1], bytes.size());
  outcome whole;
  chunked_decoder one;
  feed(one, bytes, whole);
  outcome split;
  chunked_decoder two;
  feed(two, bytes.substr(0, cut), split);
  feed(two, bytes.substr(cut), split);
  outcome single;
  chunked_decoder three;
  for (std::size_t i = 0; i < bytes.size(); ++i) feed(three, bytes.substr(i, 1), single);
  if (whole != split || whole != single) std::abort();
  return 0;
}
