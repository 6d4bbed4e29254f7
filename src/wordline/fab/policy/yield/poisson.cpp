// Faults fall anywhere alike: exp(-AD).
#include <cmath>

namespace wordline::fab::policy {

double poisson(double faults, double /*clustering*/) { return std::exp(-faults); }

}  // namespace wordline::fab::policy
