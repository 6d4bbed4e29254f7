// Recursive least squares with forgetting, its covariance kept as U D U^T with U unit upper triangular and D diagonal:
// it stays positive definite whatever the data (Bierman 1977, Factorization Methods for Discrete Sequential
// Estimation, ch. V).
#pragma once

#include <cstddef>
#include <vector>

#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// Estimates w of y = w . x + noise. With forgetting 1 it is ridge regression of all that it saw, with penalty
// 1 / `variance`. With less, each wafer counts `forgetting` times as much as the one after it, and no element of D
// grows beyond `variance` again, so directions that are not excited do not wind up.
class UdFilter {
 public:
  UdFilter() = default;
  UdFilter(std::size_t features, double variance, double forgetting);
  double predict(const double* x) const;
  // One wafer, in n^2 multiplications of which half are read twice: 1.5 n^2 in all.
  void learn(const double* x, double y);
  const std::vector<double>& weights() const { return weights_; }

  void save(StateWriter& out) const;
  void restore(StateReader& in, std::size_t features);

 private:
  double* column(std::size_t j) { return u_.data() + offsets_[j]; }
  void lay_out();

  double variance_ = 1, forgetting_ = 1;
  std::vector<double> weights_, d_, u_;  // column j of U holds its j elements above the diagonal
  std::vector<std::size_t> offsets_;
  std::vector<double> f_, gain_;  // scratch
};

}  // namespace wordline::fab
