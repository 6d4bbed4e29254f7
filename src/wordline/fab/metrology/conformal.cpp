#include "wordline/fab/metrology/conformal.h"

#include <algorithm>
#include <cmath>

namespace wordline::fab {
namespace {

// The ceil((n + 1) level)-th smallest of n, between the neighbours where that is no whole number; the largest where
// there are too few.
double conformal_quantile(std::vector<double> values, double level) {
  std::sort(values.begin(), values.end());
  const double rank =
      std::clamp((static_cast<double>(values.size()) + 1) * level, 1.0, static_cast<double>(values.size()));
  const auto below = static_cast<std::size_t>(rank) - 1;
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (rank - std::floor(rank)) * (values[above] - values[below]);
}

}  // namespace

void Conformal::rehearse(double age, std::vector<double> errors) {
  if (errors.empty()) return;
  const double least = spreads_.empty() ? 0 : spreads_.back();  // never narrower with age
  double spread = std::max(conformal_quantile(errors, coverage_), least);
  if (!(spread > 0)) spread = 1;  // a rehearsal without errors: scores are then in the labels' unit
  log_ages_.push_back(std::log(age));
  spreads_.push_back(spread);
  for (const double error : errors) rehearsed_.push_back(error / spread);
}

void Conformal::begin() {
  std::sort(rehearsed_.begin(), rehearsed_.end());
  scores_.clear();
  for (std::size_t i = 0; i < first_ && !rehearsed_.empty(); ++i)
    scores_.push_back(rehearsed_[(2 * i + 1) * rehearsed_.size() / (2 * first_)]);
  rehearsed_.clear();
  // Evenly spaced quantiles stand in rising order: labels shall not replace the small ones first.
  for (std::size_t i = 0; i < scores_.size(); ++i) std::swap(scores_[i], scores_[i * 7919 % scores_.size()]);
  settle();
}

double Conformal::spread(std::int64_t age) const {
  if (spreads_.empty()) return 0;
  const double at = std::log(static_cast<double>(std::max<std::int64_t>(age, 1)));
  if (at <= log_ages_.front()) return spreads_.front();
  for (std::size_t i = 1; i < log_ages_.size(); ++i)
    if (at < log_ages_[i]) {
      const double share = (at - log_ages_[i - 1]) / (log_ages_[i] - log_ages_[i - 1]);
      return spreads_[i - 1] + share * (spreads_[i] - spreads_[i - 1]);
    }
  return spreads_.back();
}

void Conformal::learn(double error, std::int64_t age) {
  const double unit = spread(age);
  if (!(unit > 0)) return;
  const double score = std::abs(error) / unit;
  const double miss = score > quantile_ ? 1 : 0;
  level_ = std::clamp(level_ + rate_ * (miss - (1 - coverage_)), 0.0, 1.0);
  if (scores_.size() < window_) {
    scores_.push_back(score);
  } else {
    scores_[next_] = score;
    next_ = (next_ + 1) % window_;
  }
  settle();
}

void Conformal::settle() {
  if (!scores_.empty()) quantile_ = conformal_quantile(scores_, level_);
}

void Conformal::save(StateWriter& out) const {
  out.number(level_);
  out.numbers(log_ages_);
  out.numbers(spreads_);
  out.numbers(scores_);
  out.integer(static_cast<std::int64_t>(next_));
}

void Conformal::restore(StateReader& in) {
  level_ = in.number();
  log_ages_ = in.numbers();
  spreads_ = in.numbers(log_ages_.size());
  scores_ = in.finite(in.numbers());
  if (scores_.size() > window_) in.fail("more scores than the window holds");
  next_ = static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(window_) - 1));
  settle();
}

}  // namespace wordline::fab
