// The nearest of the last labelled wafers: the mean of what a DeviationModel left of their labels, weighted by one over
// the distance. A wafer's distance is the mean squared difference of its features, and grows with each label that came
// after it.
#include <algorithm>

#include "wordline/fab/metrology/residual_expert.h"

namespace wordline::fab::policy {
namespace {

class Nearest : public ResidualExpert {
 public:
  explicit Nearest(const core::Reader& table)
      : ResidualExpert(table, 100000),
        neighbours_(static_cast<std::size_t>(table.integer("neighbours", 1, 1000))),
        age_(table.number("age", 0, 1e6)) {}

 protected:
  double residual(const double* x, std::int64_t) const override {
    const auto& rows = window().rows();
    const std::size_t n = rows.rows(), taken = std::min(neighbours_, n);
    order_.clear();
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t newer = (window().next() + n - 1 - i) % n;  // labels that came after this one
      order_.emplace_back(squared_distance(rows.row(i), x, rows.features) + age_ * static_cast<double>(newer), i);
    }
    std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(taken), order_.end());
    double sum = 0, weights = 0;
    for (std::size_t k = 0; k < taken; ++k) {
      const double weight = 1 / (order_[k].first + softening);
      sum += weight * rows.y[order_[k].second];
      weights += weight;
    }
    return taken == 0 ? 0 : sum / weights;
  }
  void begin() override {}
  void update() override {}

 private:
  static constexpr double softening = 0.1;  // features are standardised: a tenth of their variance

  static double squared_distance(const double* a, const double* b, std::size_t n) {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return n == 0 ? 0 : sum / static_cast<double>(n);
  }

  std::size_t neighbours_;
  double age_;
  mutable std::vector<std::pair<double, std::size_t>> order_;  // scratch
};

}  // namespace

std::unique_ptr<Expert> nearest(const core::Reader& table) { return std::make_unique<Nearest>(table); }

}  // namespace wordline::fab::policy
