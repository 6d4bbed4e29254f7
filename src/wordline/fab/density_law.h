// The gamma law of densities of faults, as points to sum over.
#pragma once

#include <vector>

#include "wordline/fab/yield.h"

namespace wordline::fab {

// The gamma law with mean 1 and variance 1 / alpha, by the trapezoidal rule over the logarithm of the density; one
// point where alpha is infinite or nearly so. Good to 1e-9 for what varies no faster than the yield of 1,000 like
// parts.
std::vector<DensityPoint> gamma_law(double alpha);

}  // namespace wordline::fab
