// Work on threads with results that do not depend on how many there are.
#pragma once

#include <cstddef>
#include <functional>

namespace wordline::core {

// Calls work(i) for each i in 0..count-1 on up to `threads` threads (0: all cores). Work writes only to its own i-th
// result. The exception of the smallest failing i is rethrown.
void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

// Makes shares one after another and has each of `consumers` take every share, in their order, on up to `threads`
// threads (0: all cores). make(slot) fills a slot of 0..slots-1 and returns whether that was the last share;
// take(consumer, slot, last) may run for several consumers at once. A slot is filled anew when all have taken it. The
// first exception is rethrown.
void share_out(std::size_t consumers, unsigned threads, std::size_t slots, const std::function<bool(std::size_t)>& make,
               const std::function<void(std::size_t, std::size_t, bool)>& take);

}  // namespace wordline::core
