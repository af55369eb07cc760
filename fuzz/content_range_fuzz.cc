// Content-Range: what is read is in order and in bounds, is never both a part and none, and can be written and read again.
#include <cstdlib>
#include <string>

#include "http/content_range.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const auto part = sampan::http::parse_content_range(value);
  const auto none = sampan::http::parse_unsatisfied_range(value);
  if (part && none) std::abort();
  if (!part) return 0;
  if (part->first > part->last || (part->size && part->last >= *part->size)) std::abort();
  const std::string written = "bytes " + std::to_string(part->first) + '-' + std::to_string(part->last) + '/' +
                              (part->size ? std::to_string(*part->size) : "*");
  if (sampan::http::parse_content_range(written) != part) std::abort();
  return 0;
}
