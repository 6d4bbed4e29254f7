#include "wordline/fab/capability.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::fab {

double normal_tail(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_quantile(double p) {
  if (!(p > 0 && p < 1))
    throw core::InputError({}, fmt::format("the probability {}", p), "one between 0 and 1, both excluded");
  double low = -40, high = 40;  // Phi is monotone: halving to the last bit needs no table of constants
  for (int i = 0; i < 200 && low < high; ++i) {
    const double mid = 0.5 * (low + high);
    if (mid == low || mid == high) break;
    (normal_tail(mid) < p ? low : high) = mid;
  }
  return high;
}

Capability capability(double mean, double sigma, const Limits& limits) {
  if (!(sigma > 0)) throw core::InputError({}, fmt::format("the spread {}", sigma), "one above 0");
  if (!limits.lower && !limits.upper) throw core::InputError({}, "no limit", "a lower or an upper one");
  if (limits.lower && limits.upper && !(*limits.lower < *limits.upper))
    throw core::InputError({}, fmt::format("the limits {} to {}", *limits.lower, *limits.upper), "the lower one first");
  constexpr double none = std::numeric_limits<double>::infinity();
  const double cpl = limits.lower ? (mean - *limits.lower) / (3 * sigma) : none;
  const double cpu = limits.upper ? (*limits.upper - mean) / (3 * sigma) : none;
  Capability c;
  if (limits.lower && limits.upper) c.cp = (*limits.upper - *limits.lower) / (6 * sigma);
  c.cpk = std::min(cpl, cpu);
  c.outside = normal_tail(-3 * cpl) + normal_tail(-3 * cpu);
  return c;
}

double outside_of(double cpk) { return 2 * normal_tail(-3 * cpk); }

double parametric_yield(double outside, double layers) { return std::exp(layers * std::log1p(-outside)); }

}  // namespace wordline::fab
