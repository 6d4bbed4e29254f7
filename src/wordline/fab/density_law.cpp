#include "wordline/fab/density_law.h"

#include <cmath>

namespace wordline::fab {

std::vector<DensityPoint> gamma_law(double alpha) {
  if (!(alpha < 1e8)) return {{1, 1}};
  const double step = 0.05 * std::min(1.0, 1 / std::sqrt(alpha));
  const auto log_weight = [alpha](double t) { return alpha * (t - std::expm1(t)); };  // 0 at its peak, t = 0
  std::vector<DensityPoint> law;
  double sum = 0;
  const auto add = [&](double t) {
    const double weight = std::exp(log_weight(t));
    law.push_back({std::exp(t), weight});
    sum += weight;
    return weight > 1e-18;
  };
  for (int i = 0; add(i * step);) ++i;
  for (int i = -1; add(i * step);) --i;
  for (auto& point : law) point.weight /= sum;
  return law;
}

}  // namespace wordline::fab
