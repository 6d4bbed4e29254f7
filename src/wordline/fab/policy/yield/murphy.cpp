// The density of faults varies as a triangle from 0 to twice the mean: ((1 - exp(-AD)) / AD)^2 (Murphy 1964).
#include <cmath>

#include "wordline/fab/yield.h"

namespace wordline::fab::policy {

namespace {

double yield(double faults, double /*clustering*/) {
  const double share = faults > 0 ? -std::expm1(-faults) / faults : 1;
  return share * share;
}

// Simpson's rule on both flanks.
std::vector<DensityPoint> law(double /*clustering*/) {
  constexpr int intervals = 1000;  // of 0 to 2; a multiple of 4, so that the top lies between two rules
  std::vector<DensityPoint> points;
  for (int i = 1; i < intervals; ++i) {
    const double density = 2.0 * i / intervals;
    const double factor = i == intervals / 2 ? 2 : i % 2 ? 4 : 2;
    points.push_back({density, factor / 3 * 2 / intervals * (1 - std::abs(density - 1))});
  }
  return points;
}

}  // namespace

YieldModel murphy() { return {yield, law}; }

}  // namespace wordline::fab::policy
