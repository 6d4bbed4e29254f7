// Access traces of other simulators, read as they are.
#pragma once

#include <memory>

#include "wordline/memory/pattern.h"

namespace wordline::memory {

// One access a line, in any of these forms, addresses in bytes, decimal or 0x hexadecimal, taken modulo the blocks:
//   LD|ST|R|W|READ|WRITE address     Ramulator 2, load/store and read/write
//   address R|W|READ|WRITE [clock]   Ramulator 1, DRAMsim3
//   bubbles address [write-back]     Ramulator 2, SimpleO3: instructions before a load; a write after it
// With pattern.timed an access waits for its clock, relative to the one before it, clocks never decreasing, or for as
// many clocks as it has bubbles. '#' begins a comment. `.gz` and `.zst` as they are; lines are read as they are needed.
// The trace is cut at pattern.accesses where that is not 0. Throws core::InputError with line and column.
std::unique_ptr<Source> read_access_trace(const Pattern& pattern, std::uint64_t blocks);

}  // namespace wordline::memory
