#include "store/cache_probe.h"

#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace sampan::store {

namespace {

bool lives_in_memory(int fd) {
  struct statfs about {};
  return fstatfs(fd, &about) == 0 && (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC);
}

// A read that only the end of the file cuts short counts as warm: sendfile will find out.
bool byte_is_cached(int fd, std::uint64_t offset) {
  char byte = 0;
  const iovec one{&byte, 1};
  if (preadv2(fd, &one, 1, static_cast<off_t>(offset), RWF_NOWAIT) >= 0) return true;
  if (errno == EOPNOTSUPP) return lives_in_memory(fd);
  return errno != EAGAIN;
}

}  // namespace

bool in_page_cache(int fd, std::uint64_t offset, std::uint64_t length) {
  return length == 0 || (byte_is_cached(fd, offset + length - 1) && byte_is_cached(fd, offset));
}

void read_into_page_cache(int fd, std::uint64_t offset, std::uint64_t length) {
  constexpr std::uint64_t piece = 256 * 1024;
  std::vector<char> thrown_away(piece);
  while (length > 0) {
    const auto got = pread(fd, thrown_away.data(), std::min(piece, length), static_cast<off_t>(offset));
    if (got <= 0) return;  // the end, or an error that sendfile will report
    offset += static_cast<std::uint64_t>(got);
    length -= static_cast<std::uint64_t>(got);
  }
}

}  // namespace sampan::store
