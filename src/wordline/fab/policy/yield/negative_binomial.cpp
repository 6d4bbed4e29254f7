// The density of faults varies as a gamma law does: (1 + AD/alpha)^-alpha (Stapper 1973); Poisson where alpha is
// infinite.
#include <cmath>

#include "wordline/fab/density_law.h"

namespace wordline::fab::policy {

namespace {

double yield(double faults, double clustering) {
  if (std::isinf(clustering)) return std::exp(-faults);
  return std::exp(-clustering * std::log1p(faults / clustering));
}

}  // namespace

YieldModel negative_binomial() { return {yield, gamma_law, true}; }

}  // namespace wordline::fab::policy
