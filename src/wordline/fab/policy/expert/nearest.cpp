// The nearest of the last labelled wafers: the mean of their labels, weighted by one over the distance. A wafer's
// distance is the mean squared difference of its features, and grows with each label that came after it.
#include <algorithm>
#include <cmath>

#include "wordline/fab/metrology/expert.h"
#include "wordline/fab/metrology/window.h"

namespace wordline::fab::policy {
namespace {

class Nearest : public Expert {
 public:
  Nearest(std::size_t neighbours, std::size_t size, double age) : neighbours_(neighbours), size_(size), age_(age) {}

  void start(const Labelled& warm_up) override {
    window_ = Window(warm_up.features, size_);
    window_.start(warm_up);
  }

  std::optional<double> predict(const double* x, std::int64_t) const override {
    const auto& rows = window_.rows();
    const std::size_t n = rows.rows(), taken = std::min(neighbours_, n);
    if (taken == 0) return std::nullopt;
    order_.clear();
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t newer = (window_.next() + n - 1 - i) % n;  // labels that came after this one
      order_.emplace_back(squared_distance(rows.row(i), x, rows.features) + age_ * static_cast<double>(newer), i);
    }
    std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(taken), order_.end());
    double sum = 0, weights = 0;
    for (std::size_t k = 0; k < taken; ++k) {
      const double weight = 1 / (order_[k].first + softening);
      sum += weight * rows.y[order_[k].second];
      weights += weight;
    }
    return sum / weights;
  }

  void learn(const double* x, double label, std::int64_t wafer) override { window_.add(x, label, wafer); }
  void save(StateWriter& out) const override { window_.save(out); }
  void restore(StateReader& in) override {
    window_ = Window(0, size_);
    window_.restore(in);
  }

 private:
  static constexpr double softening = 0.1;  // features are standardised: a tenth of their variance

  static double squared_distance(const double* a, const double* b, std::size_t n) {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return n == 0 ? 0 : sum / static_cast<double>(n);
  }

  std::size_t neighbours_, size_;
  double age_;
  Window window_;
  mutable std::vector<std::pair<double, std::size_t>> order_;  // scratch
};

}  // namespace

std::unique_ptr<Expert> nearest(const core::Reader& table) {
  return std::make_unique<Nearest>(static_cast<std::size_t>(table.integer("neighbours", 1, 1000)),
                                   static_cast<std::size_t>(table.integer("window", 1, 100000)),
                                   table.number("age", 0, 1e6));
}

}  // namespace wordline::fab::policy
