#include "wordline/fab/metrology/conformal.h"

#include <algorithm>
#include <cmath>

namespace wordline::fab {

void Conformal::rehearse(double age, std::vector<double> errors) {
  if (errors.empty()) return;
  // The conformal quantile: the ceil((n + 1) coverage)-th smallest of n.
  const double rank = std::ceil((static_cast<double>(errors.size()) + 1) * coverage_);
  const auto at = static_cast<std::size_t>(std::min(rank, static_cast<double>(errors.size()))) - 1;
  std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(at), errors.end());
  log_ages_.push_back(std::log(age));
  spreads_.push_back(std::max(errors[at], spreads_.empty() ? 0 : spreads_.back()));  // never narrower with age
}

double Conformal::half_width(std::int64_t age) const {
  if (spreads_.empty()) return 0;
  const double at = std::log(static_cast<double>(std::max<std::int64_t>(age, 1)));
  if (at <= log_ages_.front()) return factor_ * spreads_.front();
  for (std::size_t i = 1; i < log_ages_.size(); ++i)
    if (at < log_ages_[i]) {
      const double share = (at - log_ages_[i - 1]) / (log_ages_[i] - log_ages_[i - 1]);
      return factor_ * (spreads_[i - 1] + share * (spreads_[i] - spreads_[i - 1]));
    }
  return factor_ * spreads_.back();
}

void Conformal::learn(double error, double half) {
  const double miss = std::abs(error) > half ? 1 : 0;
  factor_ *= std::exp(rate_ * (miss - (1 - coverage_)));
}

void Conformal::save(StateWriter& out) const {
  out.number(factor_);
  out.numbers(log_ages_);
  out.numbers(spreads_);
}

void Conformal::restore(StateReader& in) {
  factor_ = in.number();
  log_ages_ = in.numbers();
  spreads_ = in.numbers(log_ages_.size());
}

}  // namespace wordline::fab
