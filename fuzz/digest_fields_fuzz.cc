// The digest fields: a digest has its length, what is left out has a note, and what is read can be written and read again. The input
// is split into field lines at line ends.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "http/digest_fields.h"
#include "http/link.h"

namespace {

void check(const sampan::http::digest_reading& read) {
  if (!read.best) return;
  if (read.best->bytes.size() != sampan::base::digest_size(read.best->algorithm)) std::abort();
  const auto written = sampan::http::format_repr_digest(*read.best);
  const std::string_view lines[] = {written};
  const auto again = sampan::http::read_repr_digest(lines);
  if (again.best != read.best || !again.note.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin <= size;) {
    const auto end = std::min(text.find('\n', begin), size);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  check(sampan::http::read_repr_digest(lines));
  check(sampan::http::read_digest(lines));
  sampan::http::wants_sha256(text);
  for (const auto& link : sampan::http::parse_links(text)) {
    if (link.target.empty() || link.target.find('>') != link.target.npos) std::abort();
    sampan::http::has_relation(link, "duplicate");
  }
  return 0;
}
