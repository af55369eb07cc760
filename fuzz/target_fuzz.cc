// split_target(), decode_path() and encode_path(): the parts lie within the target, a name never leads above the root and has no
// empty or `.` segments, and a path made from it gives the same name and stays on this host.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "http/target.h"

namespace {

using namespace sampan::http;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_name(const std::string& name) {
  require(name.find('\0') == name.npos && !name.starts_with('/'));
  long depth = 0;
  for (std::string_view rest = name; !rest.empty();) {
    const auto segment = rest.substr(0, rest.find('/'));
    require(!segment.empty() && segment != ".");
    depth += segment == ".." ? -1 : 1;
    require(depth >= 0);
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
  }
}

void check_path(std::string_view encoded) {
  std::string name = "left over";
  if (decode_path(encoded, name) != path_problem::none) {
    require(name.empty());
    return;
  }
  check_name(name);
  const auto path = encode_path(name);
  require(path.starts_with('/') && path.find("//") == path.npos && path.find('\\') == path.npos);
  std::string again;
  require(decode_path(path, again) == path_problem::none && again == name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  check_path(raw);
  require(!encode_path(raw).starts_with("//"));
  for (const std::string_view method : {"GET", "OPTIONS", "CONNECT"}) {
    const auto parts = split_target(method, raw);
    if (!parts) continue;
    require(parts->path.size() + parts->query.size() + parts->authority.size() <= raw.size() + 1);
    require(is_valid_host(parts->authority));
    const bool has_path = parts->form == target_form::origin || parts->form == target_form::absolute;
    require(has_path == parts->path.starts_with('/') && has_path == !parts->path.empty());
    require(parts->path.find('?') == parts->path.npos && parts->authority.find('@') == parts->authority.npos);
    if (has_path) check_path(parts->path);
  }
  return 0;
}
