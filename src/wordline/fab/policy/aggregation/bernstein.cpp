// Bernstein online aggregation (Wintenberger 2017, "Optimal learning with Bernstein online aggregation", algorithm 2):
// exponential weights with a rate of each expert's own, set by the squares of its regrets, so that no rate need be
// chosen. Losses are the squared loss's gradient at the aggregate, which competes with the best mixture rather than
// with the best expert. Sums are discounted: what was long ago counts less.
#include <algorithm>
#include <cmath>

#include "wordline/fab/metrology/aggregation.h"

namespace wordline::fab::policy {
namespace {

class Bernstein : public Aggregation {
 public:
  explicit Bernstein(double discount) : discount_(discount) {}

  void start(std::size_t experts) override {
    weights_.assign(experts, 1 / static_cast<double>(experts));
    largest_.assign(experts, 0);
    squares_.assign(experts, 0);
    regrets_.assign(experts, 0);
    logs_.assign(experts, 0);
  }

  void learn(const Advice& advice, double label) override {
    const double slope = 2 * (advice.aggregate - label);
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const bool awake = !std::isnan(advice.opinions[i]);
      const double regret = awake ? slope * (advice.aggregate - advice.opinions[i]) : 0;
      largest_[i] = std::max(discount_ * largest_[i], std::abs(regret));
      squares_[i] = discount_ * squares_[i] + regret * regret;
      regrets_[i] = discount_ * regrets_[i] + regret - rate_of(i) * regret * regret;
    }
    double mean = 0, known = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      if (has_regrets(i)) mean += std::log(rate_of(i)), known += 1;
    if (known == 0) return;
    mean /= known;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      logs_[i] = has_regrets(i) ? rate_of(i) * regrets_[i] + std::log(rate_of(i)) : mean;
    weigh(logs_);
  }

  void save(StateWriter& out) const override {
    for (const auto* v : {&weights_, &largest_, &squares_, &regrets_}) out.numbers(*v);
  }
  void restore(StateReader& in) override {
    const std::size_t n = weights_.size();
    for (auto* v : {&weights_, &largest_, &squares_, &regrets_}) *v = in.numbers(n);
  }

 private:
  // That are numbers to divide by: discounts end in none.
  bool has_regrets(std::size_t i) const { return largest_[i] > 1e-150; }
  // Of an expert with regrets. One that has none yet, because it slept or always agreed, is weighed as the others'
  // mean.
  double rate_of(std::size_t i) const {
    if (!has_regrets(i)) return 0;
    const double experts = static_cast<double>(weights_.size());
    return std::min(1 / (2 * largest_[i]), std::sqrt(std::log(std::max(experts, 2.0)) / squares_[i]));
  }

  double discount_;
  std::vector<double> largest_, squares_, regrets_, logs_;
};

}  // namespace

std::unique_ptr<Aggregation> bernstein(const core::Reader& table) {
  return std::make_unique<Bernstein>(table.number("discount", 0.5, 1));
}

}  // namespace wordline::fab::policy
