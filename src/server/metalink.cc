#include "server/metalink.h"

#include <fmt/format.h>

#include <iterator>

#include "server/utc.h"
#include "text/escape.h"
#include "text/hex.h"

namespace sampan::serving {

// Between XML's tags and quotes the same is special as between HTML's, and what escape_html() writes for it XML knows, too.
std::string write_metalink(const metalink_subject& about, const file_digests& digests) {
  std::string out;
  const auto put = [&out]<class... Values>(fmt::format_string<Values...> form, Values&&... values) {
    fmt::format_to(std::back_inserter(out), form, std::forward<Values>(values)...);
  };
  out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n";
  put("<updated>{}</updated>\n<file name=\"{}\">\n", utc(about.modified, "T", "Z"), text::escape_html(about.name));
  put("<size>{}</size>\n<hash type=\"sha-256\">{}</hash>\n", about.size, text::hex_encode(digests.whole));
  if (!digests.pieces.empty()) {
    put("<pieces type=\"sha-256\" length=\"{}\">\n", digests::piece_length);
    for (std::size_t at = 0; at < digests.pieces.size(); at += digests.whole.size()) {
      put("<hash>{}</hash>\n", text::hex_encode(std::string_view(digests.pieces).substr(at, digests.whole.size())));
    }
    out += "</pieces>\n";
  }
  put("<url>{}</url>\n</file>\n</metalink>\n", text::escape_html(about.url));
  return out;
}

}  // namespace sampan::serving
