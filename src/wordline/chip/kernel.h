// What a kernel asks of a chip, and what that costs.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "wordline/chip/dtype.h"
#include "wordline/core/units.h"

namespace wordline::chip {

// What limits an interval of time. `link` is for transfers between chips.
enum class Bound { compute, memory, launch, link };
inline constexpr std::size_t bounds = 4;
// "compute", "memory", "launch", "link".
std::string name_of(Bound);

// One kernel: matrix operations and the bytes it moves to and from DRAM.
struct Kernel {
  std::string name;           // "qkv_proj", "attention_decode", ...
  Dtype dtype = Dtype::bf16;  // operands' format: picks the engine's rate
  core::Flops flops;          // matrix operations; a multiply and an add count two
  core::Bytes read, written;  // in long contiguous runs: weights, activations
  core::Bytes paged;          // read in scattered pieces of `page` bytes: KV blocks
  core::Bytes page;
};

// Time and energy of one kernel on one chip. All times are whole multiples of 2^-40 s (0.9 ps) and all energies of
// 2^-36 J (15 pJ): sums are exact and do not depend on their order.
struct KernelCost {
  core::Seconds time;  // launch + the longer of compute and memory
  core::Seconds launch;
  core::Seconds compute, memory;  // what each would take alone
  core::Joules joules;            // of this chip: idle power, matrix operations, DRAM
  Bound bound = Bound::launch;    // the largest part of `time`
};

// To the nearest multiple of 2^-40 s and of 2^-36 J.
core::Seconds whole_ticks(core::Seconds);
core::Joules whole_ticks(core::Joules);

}  // namespace wordline::chip
