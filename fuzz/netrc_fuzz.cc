// .netrc: who asks for the user that was found finds the same entry's user again.
#include <cstdlib>

#include "client/netrc.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto any = sampan::client::find_in_netrc(text, "h");
  if (!any || any->user.empty()) return 0;
  const auto same = sampan::client::find_in_netrc(text, "h", any->user);
  if (!same || same->user != any->user || same->password != any->password) std::abort();
  return 0;
}
