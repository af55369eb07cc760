// Content-Disposition: the name is UTF-8 without NUL, bounded, and the same with what means nothing before and behind.
#include <cstdlib>

#include "client/names.h"
#include "http/content_disposition.h"
#include "text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string value(reinterpret_cast<const char*>(data), size);
  const auto name = sampan::http::disposition_file_name(value);
  // ISO-8859-1 grows to twice its size.
  if (!sampan::text::is_utf8(name) || name.find('\0') != name.npos || name.size() > 2 * size) std::abort();
  if (size + 16 < sampan::http::longest_disposition &&
      sampan::http::disposition_file_name("attachment;;" + value) != name)
    std::abort();
  if (sampan::client::safe_file_name(name).find('/') != std::string::npos) std::abort();
  return 0;
}
