// What a stack or a package costs with all that is not known about it: its answers drawn over the ranges of its inputs,
// and how far each input alone moves the first of them.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/statistics.h"
#include "wordline/fab/package_spec.h"

namespace wordline::fab {

// One answer: its value with all inputs at mid, and what was drawn.
struct Answer {
  std::string name;  // "cost_per_good_usd"
  double at_mid = 0;
  core::Samples drawn;
};

struct Study {
  Drawing drawing;
  std::vector<Answer> answers;
  struct Bar {
    Origin input;
    core::Range<double> range;  // in base units
    double at_low = 0, at_high = 0;
  };
  std::vector<Bar> tornado;  // of the first answer, the widest first
};

// cost_per_good_usd, usd_per_gb (a GB being 2^30 bytes, as JEDEC counts memories), price_usd, good. Without a flow in
// the file, each draw has the best flow at its own numbers.
Study study_of(const StackSpec& spec, const Drawing& how);
// cost_usd, memory_usd (stacks as bought), logic_usd, memory_used_usd, packaging_usd, test_usd (what of the cost goes
// to each group), sale_usd, good.
Study study_of(const PackageSpec& spec, const Drawing& how);

// Dollars for 2^30 bytes.
double usd_per_gb(core::UsdPerByte price);

}  // namespace wordline::fab
