// The density of faults varies exponentially: 1 / (1 + AD) (Seeds 1967); the negative binomial with clustering 1.
#include "wordline/fab/density_law.h"

namespace wordline::fab::policy {

YieldModel seeds() {
  return {[](double faults, double) { return 1 / (1 + faults); }, [](double) { return gamma_law(1); }};
}

}  // namespace wordline::fab::policy
