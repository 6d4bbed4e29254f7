// Access traces of other simulators, read as they are.
#pragma once

#include <memory>

#include "wordline/memory/pattern.h"

namespace wordline::memory {

// Lines "LD|ST|R|W|READ|WRITE address" (Ramulator 2) or "address R|W|READ|WRITE [clock]" (Ramulator 1, DRAMsim3);
// addresses in bytes, decimal or 0x hexadecimal, taken modulo `blocks`. The clock column is accepted and not used.
// '#' begins a comment. `.gz` and `.zst` as they are. The trace is cut at pattern.accesses where that is not 0. Throws
// core::InputError with line and column.
std::unique_ptr<Source> read_access_trace(const Pattern& pattern, std::uint64_t blocks);

}  // namespace wordline::memory
