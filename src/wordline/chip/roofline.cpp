#include "wordline/chip/roofline.h"

#include <algorithm>

namespace wordline::chip {

core::FlopsPerSecond Roofline::at(double flops_per_byte, core::FlopsPerSecond rate) const {
  return std::min(rate, core::FlopsPerSecond(flops_per_byte * memory.front().bandwidth.value()));
}

Roofline roofline_of(const Chip& chip, MemoryPath& path, std::optional<Dtype> only) {
  Roofline out;
  const MatrixRate* const wanted = only ? &chip.rate(*only) : nullptr;
  for (const Dtype dtype : all_dtypes()) {
    const auto engine = chip.engines.find(dtype);
    if (engine == chip.engines.end() || (wanted && wanted != &engine->second)) continue;
    out.compute.push_back({name_of(dtype), engine->second.peak, {}});
  }
  if (chip.vector.value() > 0) out.compute.push_back({"vector fp32", chip.vector, {}});
  out.memory.push_back({"DRAM as simulated", {}, path.streamed(1, 0).bandwidth});
  out.memory.push_back({"DRAM peak", {}, chip.memory.peak});
  if (chip.cache.size.value() > 0) out.memory.push_back({"L2", {}, chip.cache.bandwidth});
  return out;
}

RooflinePoint roofline_point(const Chip& chip, const Kernel& kernel) {
  const Counts counts = counts_of(kernel);
  if (counts.matrix.value() > 0) return {counts.matrix, counts.bytes(), chip.rate(operands_of(kernel)).peak};
  return {counts.vector, counts.bytes(), chip.vector};
}

}  // namespace wordline::chip
