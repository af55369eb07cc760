// parse_get_url(), and the file name that a download gets: never a path, never a control byte, never too long.
#include <cstdlib>

#include "client/names.h"
#include "sampan/get.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto source = sampan::parse_get_url(text);
  const std::string name = sampan::client::safe_file_name(source ? std::string_view(source->name) : text);
  const bool safe = name.size() <= 255 && name.find('/') == name.npos && !name.starts_with('.') &&
                    name.find('\n') == name.npos && name.find('\x1b') == name.npos;
  if (!safe || sampan::client::part_name(name).size() > 255) std::abort();
  return 0;
}
