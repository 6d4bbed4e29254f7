// What a smaller sigma is worth: capability, parametric yield over the layers of a die, dollars a good stack.
#pragma once

#include "wordline/core/units.h"
#include "wordline/fab/stack_spec.h"

namespace wordline::fab {

struct Worth {
  double cpk = 0;
  double outside = 0;           // share of wafers outside of the limits, in one layer
  double parametric_yield = 0;  // of a die, over its layers
  core::Usd cost_per_good;      // of a stack whose DRAM dies yield so much less
};

// A centred process of that Cpk in each of `layers` independent layers. The stack's tests find the dies lost so as they
// find others; its flow is the file's, or the best one.
Worth worth_of(double cpk, double layers, const StackSpec& stack);

}  // namespace wordline::fab
