#include "wordline/chip/power.h"

#include <algorithm>

namespace wordline::chip {

PowerMeter::PowerMeter(const Chip& chip)
    : awake_(chip.awake()),
      tdp_(chip.tdp),
      tdp_with_memory_(chip.tdp_with_memory),
      fabric_(chip.fabric_energy),
      cache_(chip.cache_energy),
      vector_(chip.vector_energy()),
      matrix_([&](Dtype dtype) { return chip.engines.empty() ? core::JoulesPerFlop() : chip.energy(dtype); }) {}

core::Joules PowerMeter::joules(const Kernel& kernel, core::Seconds time, core::Bytes moved, core::Joules dram) const {
  const Counts counts = counts_of(kernel);
  const core::Joules on_chip = awake_ * time + counts.matrix * matrix_[operands_of(kernel)] + counts.vector * vector_ +
                               counts.bytes() * cache_ + moved * fabric_;
  const core::Joules most = tdp_ * time;
  return tdp_with_memory_ ? std::min(on_chip + dram, most) : std::min(on_chip, most) + dram;
}

}  // namespace wordline::chip
