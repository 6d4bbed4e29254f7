// Recursive least squares with forgetting: ridge regression of all wafers, each counting less than the one after it.
#include "wordline/fab/metrology/expert.h"
#include "wordline/fab/metrology/ridge.h"
#include "wordline/fab/metrology/ud_filter.h"

namespace wordline::fab::policy {
namespace {

class Rls : public Expert {
 public:
  explicit Rls(double forgetting) : forgetting_(forgetting) {}

  void start(const Labelled& warm_up) override {
    const Ridge fit = fit_ridge(warm_up);
    for (const double y : warm_up.y) mean_ += y / static_cast<double>(warm_up.rows());
    row_.assign(warm_up.features + 1, 1.0);
    filter_ = UdFilter(row_.size(), 1 / fit.penalty, forgetting_);
    for (std::size_t i = 0; i < warm_up.rows(); ++i) learn(warm_up.row(i), warm_up.y[i], 0);
  }
  std::optional<double> predict(const double* x, std::int64_t) const override {
    const auto& w = filter_.weights();
    return mean_ + w.back() + dot(w.data(), x, w.size() - 1);
  }
  void learn(const double* x, double label, std::int64_t) override {
    std::copy(x, x + row_.size() - 1, row_.begin());
    filter_.learn(row_.data(), label - mean_);
  }
  void save(StateWriter& out) const override {
    out.number(mean_);
    filter_.save(out);
  }
  void restore(StateReader& in, std::size_t features) override {
    mean_ = in.number();
    filter_.restore(in, features + 1);
    row_.assign(features + 1, 1.0);
  }

 private:
  double forgetting_, mean_ = 0;  // of the warm-up's labels: the filter's penalty pulls towards it
  UdFilter filter_;
  std::vector<double> row_;  // the features and a one
};

}  // namespace

std::unique_ptr<Expert> rls(const core::Reader& table) {
  return std::make_unique<Rls>(table.number("forgetting", 0.5, 1));
}

}  // namespace wordline::fab::policy
