// A line of a transcript: refused, or a record that is written and read as the same.
#include <cstdlib>

#include "talk/transcript.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan::talk;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto read = record_from_json(line);
  if (!read) return 0;
  const record what{.time = {},
                    .way = read->way,
                    .client = read->client,
                    .peer = std::string(line),
                    .bytes = read->bytes,
                    .text = read->bytes};
  const auto again = record_from_json(record_to_json(what, read->delta));
  if (!again || again->bytes != read->bytes || again->way != read->way || again->client != read->client ||
      again->delta != read->delta) {
    std::abort();
  }
  return 0;
}
