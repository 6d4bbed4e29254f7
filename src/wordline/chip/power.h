// What a kernel draws.
#pragma once

#include "wordline/chip/chip.h"
#include "wordline/chip/kernel.h"

namespace wordline::chip {

// Adds up a kernel's energy, one chip's: power of a running chip over the kernel's time; matrix operations; the others;
// every byte on its way between the shared cache and the cores at least once; every byte between DRAM and shared cache;
// the DRAM's own, above its idle. No more than the TDP over that time, which does not grow for it: times are those of
// measured kernels, at the clocks that the limit left them, and at lower clocks an operation takes less.
class PowerMeter {
 public:
  explicit PowerMeter(const Chip&);
  // `moved`: bytes to and from DRAM; `dram`: what these take of the DRAM, above idle.
  core::Joules joules(const Kernel&, core::Seconds time, core::Bytes moved, core::Joules dram) const;

 private:
  core::Watts awake_, tdp_;
  bool tdp_with_memory_;
  core::JoulesPerByte fabric_, cache_;
  core::JoulesPerFlop vector_;
  ByDtype<core::JoulesPerFlop> matrix_;
};

}  // namespace wordline::chip
