// When requests arrive: a law of the gaps, and a rate over time that stretches them.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wordline/core/random.h"
#include "wordline/core/units.h"

namespace wordline::serve {

// Draws gaps of mean 1.
class Gaps {
 public:
  static Gaps constant();
  static Gaps exponential();  // a Poisson process
  // Gamma distributed with this coefficient of variation (1: exponential).
  static Gaps gamma(double cv);
  // Weibull distributed with this coefficient of variation, or by its shape.
  static Gaps weibull(double cv);
  static Gaps weibull_of_shape(double shape);
  // By name, as in `names`; the first two take no notice of `cv`. An unknown name throws core::InputError.
  static Gaps named(const std::string& name, double cv);
  static const std::vector<std::string>& names();  // constant, poisson, gamma, weibull

  double operator()(core::Random& random) const;

 private:
  enum class Law { constant, exponential, gamma, weibull };
  Gaps(Law law, double shape, double scale) : law_(law), shape_(shape), scale_(scale) {}
  Law law_;
  double shape_, scale_;
};

// A rate that holds for a while.
struct Stage {
  double per_second = 0;
  core::Seconds duration{std::numeric_limits<double>::infinity()};
};

// A rate over time, constant within each stage. Gaps of mean 1 become arrivals by time warping: arrival i is when the
// integral of the rate reaches the sum of the first i gaps. So Poisson gaps become the nonhomogeneous Poisson process
// of that rate exactly, and other laws keep their burstiness at every rate.
class RateCurve {
 public:
  static RateCurve constant(double per_second);
  // One stage after the other; nothing arrives after the last.
  static RateCurve stages(std::vector<Stage> stages);
  // A day that repeats from midnight: `factors` of its 24 hours, scaled so that the mean is `mean_per_second`.
  static RateCurve day(double mean_per_second, const std::vector<double>& factors);

  // When the integral reaches `arrivals`, which must not fall from call to call; nothing where it never does.
  std::optional<double> reaches(double arrivals);
  // Expected arrivals in all; infinite where the curve does not end.
  double total() const;

 private:
  RateCurve(std::vector<Stage> stages, bool repeats);
  std::vector<Stage> stages_;
  bool repeats_;
  std::size_t at_ = 0;
  double start_s_ = 0, start_arrivals_ = 0;  // where the stage at hand begins
};

}  // namespace wordline::serve
