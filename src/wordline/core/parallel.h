// Work on threads with results that do not depend on how many there are.
#pragma once

#include <cstddef>
#include <functional>

namespace wordline::core {

// Calls work(i) for each i in 0..count-1 on up to `threads` threads (0: all cores). Work writes only to its own i-th
// result. The exception of the smallest failing i is rethrown.
void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace wordline::core
