#include "wordline/plan/steps.h"

namespace wordline::plan {

double StepOutcome::worth() const {
  const double before = variants.front().outcome.replica.max_rps;
  return before > 0 ? variants.back().outcome.replica.max_rps / before : 0;
}

std::vector<std::pair<std::string, chip::Chip>> variants_of(const MemoryStep& step, const core::Catalog& catalog) {
  const chip::Chip base = chip::load(catalog, step.base.chip);
  const chip::Memory other = chip::load(catalog, step.memory_of).memory;
  return {{"as it is", base},
          {"bandwidth only", chip::with_memory_speed(base, catalog, other.module, other.count)},
          {"capacity only", chip::with_memory_capacity(base, other.capacity)},
          {"both", chip::with_memory(base, catalog, other.module, other.count, other.capacity)}};
}

}  // namespace wordline::plan
