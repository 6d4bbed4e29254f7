#include "wordline/fab/matching.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace wordline::fab {

namespace {

double log_choose(double n, double k) { return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1); }

// The mean of the largest of k overlaps of `a` and `b` marked sites among n: the sum over x of 1 - F(x)^k. Overlaps are
// hypergeometric; those beyond 15 deviations from the mean are left out.
double best_overlap(int a, int b, int n, int k) {
  const double mean = double(a) * b / n;
  const double deviation = std::sqrt(std::max(mean * (1 - double(a) / n) * (n - b) / std::max(n - 1, 1), 0.0));
  const int least = std::max({0, a + b - n, static_cast<int>(mean - 15 * deviation) - 1});
  const int most = std::min({a, b, static_cast<int>(mean + 15 * deviation) + 1});
  const auto odds = [&](int x) {  // of x + 1 to x
    return double(a - x) * (b - x) / ((x + 1.0) * (n - a - b + x + 1.0));
  };
  std::vector<double> p(static_cast<std::size_t>(most - least) + 1);
  const int middle = std::clamp(static_cast<int>(mean), least, most);
  const auto at = [least](int x) { return static_cast<std::size_t>(x - least); };
  p[at(middle)] = std::exp(log_choose(a, middle) + log_choose(n - a, b - middle) - log_choose(n, b));
  for (int x = middle; x < most; ++x) p[at(x + 1)] = p[at(x)] * odds(x);
  for (int x = middle; x > least; --x) p[at(x - 1)] = p[at(x)] / odds(x - 1);
  double below = 0, best = least;
  for (int x = least; x < most; ++x) {
    below += p[at(x)];
    best += 1 - std::pow(std::min(below, 1.0), k);
  }
  return best;
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
