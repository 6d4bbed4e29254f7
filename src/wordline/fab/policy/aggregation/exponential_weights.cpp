// Exponential weights of discounted squared losses with a fixed share (Herbster, Warmuth 1998): rate and discount are
// chosen by the user. Losses are in units of their running median over the experts, so that the rate has none.
#include <algorithm>
#include <cmath>

#include "wordline/fab/metrology/aggregation.h"

namespace wordline::fab::policy {
namespace {

class ExponentialWeights : public Aggregation {
 public:
  ExponentialWeights(double rate, double discount, double share) : rate_(rate), discount_(discount), share_(share) {}

  void start(std::size_t experts) override {
    weights_.assign(experts, 1 / static_cast<double>(experts));
    losses_.assign(experts, 0);
    logs_.assign(experts, 0);
  }

  // A sleeper is given the aggregate's loss (Freund et al. 1997).
  void learn(const Advice& advice, double label) override {
    std::vector<double> loss(weights_.size());
    for (std::size_t i = 0; i < loss.size(); ++i) {
      const double opinion = std::isnan(advice.opinions[i]) ? advice.aggregate : advice.opinions[i];
      loss[i] = (opinion - label) * (opinion - label);
    }
    auto sorted = loss;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    scale_ = scale_ > 0 ? scale_ + 0.05 * (*middle - scale_) : *middle;
    for (std::size_t i = 0; i < loss.size(); ++i) {
      losses_[i] = discount_ * losses_[i] + loss[i] / std::max(scale_, 1e-300);
      logs_[i] = -rate_ * losses_[i];
    }
    weigh(logs_);
    for (double& w : weights_) w = (1 - share_) * w + share_ / static_cast<double>(weights_.size());
  }

  void save(StateWriter& out) const override {
    out.numbers(weights_);
    out.numbers(losses_);
    out.number(scale_);
  }
  void restore(StateReader& in) override {
    weights_ = in.numbers(weights_.size());
    losses_ = in.numbers(losses_.size());
    scale_ = in.number();
  }

 private:
  double rate_, discount_, share_, scale_ = 0;
  std::vector<double> losses_, logs_;
};

}  // namespace

std::unique_ptr<Aggregation> exponential_weights(const core::Reader& table) {
  return std::make_unique<ExponentialWeights>(table.number("rate", 0, 1e6), table.number("discount", 0.5, 1),
                                              table.number_or("share", 0, 0, 1));
}

}  // namespace wordline::fab::policy
