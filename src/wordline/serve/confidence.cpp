#include "wordline/serve/confidence.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace wordline::serve {
namespace {

// P(|T| <= t), a finite sum for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4).
double within(double t, int freedom) {
  const double angle = std::atan(t / std::sqrt(freedom)), cosine = std::cos(angle), sine = std::sin(angle);
  const bool odd = freedom % 2 == 1;
  double term = odd ? cosine : 1, sum = freedom == 1 ? 0 : term;
  for (int k = odd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= cosine * cosine * (k - 1) / k;
    sum += term;
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

double student_t95(int freedom) {
  double low = 1.9, high = 13;  // the normal law's is 1.96, that of one degree of freedom 12.7
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (within(middle, freedom) < 0.95 ? low : high) = middle;
  }
  return (low + high) / 2;
}

Confidence confidence95(const std::vector<double>& samples) {
  Confidence out;
  const auto n = static_cast<double>(samples.size());
  for (const double x : samples) out.mean += x / n;
  if (samples.size() < 2) {
    out.half_width = std::numeric_limits<double>::infinity();
    return out;
  }
  double squares = 0;
  for (const double x : samples) squares += (x - out.mean) * (x - out.mean);
  out.half_width = student_t95(static_cast<int>(samples.size()) - 1) * std::sqrt(squares / (n - 1) / n);
  return out;
}

}  // namespace wordline::serve
