// The density of faults varies as a gamma law does: (1 + AD/alpha)^-alpha (Stapper 1973); Poisson where alpha is
// infinite.
#include <cmath>

namespace wordline::fab::policy {

double negative_binomial(double faults, double clustering) {
  if (std::isinf(clustering)) return std::exp(-faults);
  return std::exp(-clustering * std::log1p(faults / clustering));
}

}  // namespace wordline::fab::policy
