// The roofline of a chip: what bounds any kernel from above, whatever carries it out (Williams, Waterman, Patterson,
// "Roofline", CACM 2009).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wordline/chip/chip.h"
#include "wordline/chip/kernel.h"
#include "wordline/chip/memory_path.h"

namespace wordline::chip {

// One ceiling. `rate` is in operations a second for a flat one, `bandwidth` in bytes a second for a slanted one; the
// other is 0.
struct Ceiling {
  std::string name;  // "bf16", "vector fp32", "DRAM as simulated", "DRAM peak", "L2"
  core::FlopsPerSecond rate;
  core::BytesPerSecond bandwidth;
};

// The ceilings of one chip.
struct Roofline {
  // Matrix formats in the order of Dtype, as each peak is stated; then the vector units, where stated.
  std::vector<Ceiling> compute;
  // DRAM with pure reads in long runs as the memory room simulates it, its pins' peak, the cache where there is one.
  std::vector<Ceiling> memory;
  // What a kernel can reach at so many operations a byte: the lower of `rate` and the simulated DRAM's slant.
  core::FlopsPerSecond at(double flops_per_byte, core::FlopsPerSecond rate) const;
};
// `only`: of the matrix formats, the one that operands of this format are multiplied in.
Roofline roofline_of(const Chip&, MemoryPath&, std::optional<Dtype> only = {});

// Where a kernel stands: operations of its main engine over the bytes that it moves at least, each operand once.
struct RooflinePoint {
  core::Flops flops;  // matrix operations; the others where there are none
  core::Bytes bytes;
  core::FlopsPerSecond roof;  // peak of the engine that carries them out
  double flops_per_byte() const { return bytes.value() > 0 ? flops.value() / bytes.value() : 0; }
};
RooflinePoint roofline_point(const Chip&, const Kernel&);

}  // namespace wordline::chip
