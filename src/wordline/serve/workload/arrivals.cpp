#include "wordline/serve/workload/arrivals.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::serve {
namespace {

void check_cv(double cv) {
  if (!(cv > 0) || !std::isfinite(cv)) throw core::InputError("a coefficient of variation of arrivals must be above 0");
}

// Coefficient of variation of a Weibull distribution of this shape.
double weibull_cv(double shape) {
  const double mean = std::exp(std::lgamma(1 + 1 / shape));
  return std::sqrt(std::max(0.0, std::exp(std::lgamma(1 + 2 / shape) - 2 * std::log(mean)) - 1));
}

}  // namespace

Gaps Gaps::constant() { return {Law::constant, 1, 1}; }
Gaps Gaps::exponential() { return {Law::exponential, 1, 1}; }

Gaps Gaps::gamma(double cv) {
  check_cv(cv);
  if (cv == 1) return exponential();
  const double shape = 1 / (cv * cv);
  return {Law::gamma, shape, 1 / shape};
}

Gaps Gaps::weibull(double cv) {
  check_cv(cv);
  double low = 0.1, high = 100;  // the variation falls with the shape
  if (cv > weibull_cv(low) || cv < weibull_cv(high))
    throw core::InputError(
        fmt::format("a coefficient of variation of {} is out of a Weibull's range here ({:.2g} to {:.2g})", cv,
                    weibull_cv(high), weibull_cv(low)));
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (weibull_cv(middle) > cv ? low : high) = middle;
  }
  return weibull_of_shape((low + high) / 2);
}

Gaps Gaps::weibull_of_shape(double shape) {
  if (!(shape >= 0.05) || !(shape <= 1000)) throw core::InputError("a Weibull shape must be from 0.05 to 1000");
  return {Law::weibull, shape, std::exp(-std::lgamma(1 + 1 / shape))};
}

const std::vector<std::string>& Gaps::names() {
  static const std::vector<std::string> all = {"constant", "poisson", "gamma", "weibull"};
  return all;
}

Gaps Gaps::named(const std::string& name, double cv) {
  if (name == "constant") return constant();
  if (name == "poisson") return exponential();
  if (name == "gamma") return gamma(cv);
  if (name == "weibull") return weibull(cv);
  throw core::InputError({}, fmt::format("\"{}\"", name), fmt::format("{}", fmt::join(names(), ", ")),
                         core::nearest_name(name, names()));
}

double Gaps::operator()(core::Random& random) const {
  switch (law_) {
    case Law::constant:
      return 1;
    case Law::exponential:
      return random.exponential(1);
    case Law::gamma:
      return random.gamma(shape_, scale_);
    default:
      return scale_ * std::pow(random.exponential(1), 1 / shape_);
  }
}

RateCurve::RateCurve(std::vector<Stage> stages, bool repeats) : stages_(std::move(stages)), repeats_(repeats) {
  double most = 0;
  for (const auto& stage : stages_) {
    if (!(stage.per_second >= 0) || !std::isfinite(stage.per_second) || !(stage.duration.value() > 0))
      throw core::InputError("a stage's rate must be 0 or above, its duration above 0 s");
    most = std::max(most, stage.per_second);
  }
  if (!(most > 0)) throw core::InputError("a rate of arrivals must be above 0 per second");
}

RateCurve RateCurve::constant(double per_second) { return {{{per_second}}, false}; }
RateCurve RateCurve::stages(std::vector<Stage> stages) { return {std::move(stages), false}; }

RateCurve RateCurve::day(double mean_per_second, const std::vector<double>& factors) {
  if (factors.size() != 24) throw core::InputError(fmt::format("found {} factors of a day; wanted 24", factors.size()));
  const double sum = std::accumulate(factors.begin(), factors.end(), 0.0);
  if (!(sum > 0)) throw core::InputError("a day's factors must be 0 or above, one of them above 0");
  std::vector<Stage> hours;
  for (const double factor : factors) hours.push_back({mean_per_second * factor * 24 / sum, core::hours(1)});
  return {std::move(hours), true};
}

std::optional<double> RateCurve::reaches(double arrivals) {
  while (at_ < stages_.size()) {
    const auto& [rate, duration] = stages_[at_];
    if (rate > 0 && arrivals < start_arrivals_ + rate * duration.value())
      return start_s_ + (arrivals - start_arrivals_) / rate;
    start_s_ += duration.value();
    start_arrivals_ += rate > 0 ? rate * duration.value() : 0;
    if (++at_ == stages_.size() && repeats_) at_ = 0;
  }
  return {};
}

double RateCurve::total() const {
  if (repeats_) return std::numeric_limits<double>::infinity();
  double sum = 0;
  for (const auto& stage : stages_)
    if (stage.per_second > 0) sum += stage.per_second * stage.duration.value();
  return sum;
}

}  // namespace wordline::serve
