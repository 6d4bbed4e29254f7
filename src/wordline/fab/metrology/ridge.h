// Ridge regression of a batch of labelled wafers (Hoerl, Kennard 1970), its penalty chosen by leaving one out.
#pragma once

#include <optional>
#include <vector>

#include "wordline/fab/metrology/labelled.h"

namespace wordline::fab {

// y = intercept + weights . x. `penalty` is on the sum of the squared weights, not on the intercept.
struct Ridge {
  std::vector<double> weights;
  double intercept = 0;
  double penalty = 0;
  double leave_one_out = 0;  // mean squared error of each wafer predicted from the others, in closed form (PRESS)

  double predict(const double* x) const;
};

// Where no penalty is given, the one of the half decades from 0.1 to 100,000 with the least leave-one-out error.
// Without an intercept the regression goes through the origin. At least one row; throws core::InputError for none.
Ridge fit_ridge(const Labelled& wafers, std::optional<double> penalty = std::nullopt, bool with_intercept = true);

// weights . x, summed in eight strands so that it is fast and the same on every machine.
double dot(const double* a, const double* b, std::size_t n);

}  // namespace wordline::fab
