#include "wordline/fab/matching.h"

#include <algorithm>
#include <cmath>

namespace wordline::fab {

namespace {

double log_choose(double n, double k) { return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1); }

// The mean of the largest of k overlaps of `a` and `b` marked sites among n: the sum over x of 1 - F(x)^k.
double best_overlap(int a, int b, int n, int k) {
  const int least = std::max(0, a + b - n), most = std::min(a, b);
  const double all = log_choose(n, b);
  double below = 0, mean = least;
  for (int x = least; x < most; ++x) {
    below += std::exp(log_choose(a, x) + log_choose(n - a, b - x) - all);
    mean += 1 - std::pow(std::min(below, 1.0), k);
  }
  return mean;
}

}  // namespace

double matched_share(double below, double yield, int sites, int candidates) {
  if (candidates <= 1 || sites < 1) return below * yield;
  // Between whole numbers of good sites, the mean of the four corners.
  const double a = below * sites, b = yield * sites;
  const int a0 = static_cast<int>(a), b0 = static_cast<int>(b);
  const double fa = a - a0, fb = b - b0;
  double out = 0;
  for (const auto& [at, weight_a] : {std::pair{a0, 1 - fa}, {std::min(a0 + 1, sites), fa}})
    for (const auto& [bt, weight_b] : {std::pair{b0, 1 - fb}, {std::min(b0 + 1, sites), fb}})
      if (weight_a * weight_b > 0) out += weight_a * weight_b * best_overlap(at, bt, sites, candidates);
  return out / sites;
}

}  // namespace wordline::fab
