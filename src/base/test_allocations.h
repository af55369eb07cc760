// Counts calls of operator new, for tests of what must not allocate.
#pragma once

#include <cstddef>

namespace sampan::base {

/// False under the sanitizers, which have their own operator new: then nothing is counted, and such a test has to be skipped.
bool allocations_are_counted() noexcept;

/// Calls of operator new on this thread since it began; malloc() itself is not seen. Thread: any, each for itself.
std::size_t allocations() noexcept;

/// The same of all threads together, also of those that have ended. Thread: any.
std::size_t allocations_of_all_threads() noexcept;

}  // namespace sampan::base
