// The density of faults varies as a triangle does: ((1 - exp(-AD)) / AD)^2 (Murphy 1964).
#include <cmath>

namespace wordline::fab::policy {

double murphy(double faults, double /*clustering*/) {
  const double share = faults > 0 ? -std::expm1(-faults) / faults : 1;
  return share * share;
}

}  // namespace wordline::fab::policy
