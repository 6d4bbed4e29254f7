#include "wordline/fab/metrology/sampler.h"

#include <algorithm>

namespace wordline::fab {

bool Sampler::measure(bool attention) {
  saved_ = std::min(saved_ + budget_, 1 + reserve_);
  constexpr double rounding = 1e-9;  // sums of a tenth fall short of one
  const bool yes = saved_ + rounding >= (attention ? 1 : 1 + reserve_);
  if (yes) saved_ -= 1;
  return yes;
}

}  // namespace wordline::fab
