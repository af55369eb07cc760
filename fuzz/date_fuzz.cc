// parse_date() and format_date(): what is read can be written and read again, whatever the clock; and any number can be written.
#include <cstdlib>
#include <cstring>

#include "http/date.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sampan::http;
  std::int64_t now = 0;
  if (size < sizeof now) return 0;
  std::memcpy(&now, data, sizeof now);

  const auto same_again = [now](std::int64_t seconds) {
    const auto text = format_date(seconds);
    const auto again = parse_date({text.data(), text.size()}, now);
    if (!again || format_date(*again) != text) std::abort();
    return *again;
  };
  same_again(now);
  const auto read = parse_date({reinterpret_cast<const char*>(data) + sizeof now, size - sizeof now}, now);
  if (read && same_again(*read) != *read) std::abort();
  return 0;
}
