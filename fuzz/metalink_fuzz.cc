// Metalink documents: whatever is read keeps to the limits, and leads nowhere else.
#include <cstdlib>

#include "client/metalink.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const sampan::client::metalink_file& file) {
  require(!file.name.empty() && file.name[0] != '/' && ('/' + file.name + '/').find("/../") == std::string::npos);
  for (const auto& hash : file.hashes) require(hash.bytes.size() == sampan::base::digest_size(hash.algorithm));
  for (const auto& hash : file.piece_hashes) require(hash.size() == sampan::base::digest_size(file.piece_algorithm));
  require((file.piece_length == 0) == file.piece_hashes.empty());
  require(file.urls.size() <= sampan::client::most_metalink_urls);
  for (const auto& url : file.urls) require(url[0] == 'h' || url[0] == 'H');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto read = sampan::client::parse_metalink({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  require(read->size() <= sampan::client::most_metalink_files);
  for (const auto& file : *read) check(file);
  return 0;
}
