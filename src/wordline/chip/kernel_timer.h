// Times kernels on one chip: a roofline over the simulated bandwidth of its memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "wordline/chip/chip.h"
#include "wordline/chip/kernel.h"
#include "wordline/core/files.h"

namespace wordline::chip {

// What a memory gives to one access pattern, all of it busy.
struct Streamed {
  core::BytesPerSecond bandwidth;
  core::JoulesPerByte energy;  // above the memory's idle power, which the chip's includes
};

// A memory's answer for a share of reads (0..1) and the contiguous bytes of a piece (0: long runs).
using Streams = std::function<Streamed(const Memory&, double reads, core::Bytes piece)>;
// Asks the cycle simulation of `memory`, or the cache.
Streams simulated(core::Cache cache = {});

// time = launch + max(flops / sustained rate, sum over access patterns of bytes / simulated bandwidth).
// Written bytes run with as many read ones, at the bandwidth of half reads; the reads that are left run at that of pure
// reads; paged ones at that of scattered pieces (rounded down to a power of two). Not thread-safe; copies are cheap,
// one a thread.
class KernelTimer {
 public:
  explicit KernelTimer(Chip chip, Streams streams = simulated());
  KernelCost operator()(const Kernel&);
  const Chip& chip() const { return chip_; }
  // Asked once for each pattern, then remembered.
  const Streamed& streamed(double reads, core::Bytes piece);

 private:
  Chip chip_;
  Streams streams_;
  std::map<std::pair<double, std::uint64_t>, Streamed> known_;
};

}  // namespace wordline::chip
