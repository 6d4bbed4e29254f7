// Times kernels on one chip: a roofline over the simulated bandwidth of its memory.
#pragma once

#include <map>

#include "wordline/chip/chip.h"
#include "wordline/chip/kernel.h"
#include "wordline/core/files.h"

namespace wordline::chip {

// time = launch + max(flops / sustained rate, sum over access patterns of bytes / simulated bandwidth).
// The first kernel of each access pattern has the memory simulated, or found in the cache. Copies are cheap; one a
// thread.
class KernelTimer {
 public:
  explicit KernelTimer(Chip chip, core::Cache cache = {});
  KernelCost operator()(const Kernel&);
  const Chip& chip() const { return chip_; }

  // Simulated bandwidth and energy of the chip's memory for a pattern: the share of reads, and the contiguous bytes of
  // a piece (0: long runs). Pieces are rounded down to a power of two.
  struct Streamed {
    core::BytesPerSecond bandwidth;
    core::JoulesPerByte energy;
  };
  const Streamed& streamed(double reads, core::Bytes piece);

 private:
  Chip chip_;
  core::Cache cache_;
  std::map<std::pair<double, long>, Streamed> profiles_;
};

}  // namespace wordline::chip
