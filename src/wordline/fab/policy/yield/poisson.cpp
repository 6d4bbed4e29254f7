// Faults fall anywhere alike: exp(-AD).
#include <cmath>

#include "wordline/fab/yield.h"

namespace wordline::fab::policy {

YieldModel poisson() {
  return {[](double faults, double) { return std::exp(-faults); },
          [](double) {
            return std::vector<DensityPoint>{{1, 1}};
          }};
}

}  // namespace wordline::fab::policy
