// resolve_location(): what a Location leads to is HTTP, can be sent, can be written and read again, and has no credentials but those
// of its own origin. The input is a base URL and, in the second line, the Location.
#include <algorithm>
#include <cstdlib>

#include "client/url.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line_end = std::min(text.find('\n'), size);
  auto base = parse_get_url(text.substr(0, line_end));
  if (!base || base->protocol == get_protocol::bare) base = parse_get_url("http://user:secret@h/d/f?q");
  const auto got = client::resolve_location(*base, text.substr(std::min(line_end + 1, size)));
  if (!got) {
    require(got.error().message().size() < 4096);
    return 0;
  }
  const auto& target = got->request_target;
  require(got->protocol == get_protocol::http && target.starts_with('/') && target.size() <= 8000);
  require(std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
  require(got->name.find('\0') == std::string::npos);
  require(!got->has_credentials || (client::same_origin(*base, *got) && got->user == base->user));
  const auto again = parse_get_url(client::url_of(*got));
  require(again && client::same_origin(*again, *got) && again->request_target == target && again->name == got->name);
  return 0;
}
