// Whether a piece of a file is in the page cache, and reading it into there.
#pragma once

#include <cstdint>

namespace sampan::store {

/// True when `length` bytes at `offset` can be read without waiting for a disk, as far as their first and last page tell
/// (the kernel reads ahead in order, so what lies between came before the last).
/// A file system that cannot tell (EOPNOTSUPP) counts as cold, but for those that live in memory.
/// Cost: two preadv2 calls. Thread: any.
bool in_page_cache(int fd, std::uint64_t offset, std::uint64_t length);

/// Reads the piece and throws it away, so that it is in the page cache. Blocks. Thread: any.
void read_into_page_cache(int fd, std::uint64_t offset, std::uint64_t length);

}  // namespace sampan::store
