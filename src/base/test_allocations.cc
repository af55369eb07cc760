#include "base/test_allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SAMPAN_COUNTS_ALLOCATIONS 0
#else
#define SAMPAN_COUNTS_ALLOCATIONS 1
#endif

namespace {
thread_local std::size_t count = 0;
std::atomic<std::size_t> count_of_all = 0;
}  // namespace

namespace sampan::base {

bool allocations_are_counted() noexcept { return SAMPAN_COUNTS_ALLOCATIONS != 0; }

std::size_t allocations() noexcept { return count; }

std::size_t allocations_of_all_threads() noexcept { return count_of_all.load(std::memory_order_relaxed); }

}  // namespace sampan::base

#if SAMPAN_COUNTS_ALLOCATIONS
// The array and nothrow forms of the library call these (C++20 17.6.3); the aligned ones are left alone: nothing here is over-aligned.
void* operator new(std::size_t size) {
  ++count;
  count_of_all.fetch_add(1, std::memory_order_relaxed);
  if (void* made = std::malloc(size == 0 ? 1 : size)) return made;
  throw std::bad_alloc();
}

void operator delete(void* pointer) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { std::free(pointer); }
#endif
