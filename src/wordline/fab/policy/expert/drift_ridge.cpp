// Ridge regression of what moving averages leave: the deviation of a label from the labels' average on the deviation of
// its features from theirs (deviations_of). Drift and steps of either go into the averages, so that the weights, which
// are learned by recursive least squares, mean what one wafer's features say against those before it.
#include "wordline/fab/metrology/expert.h"
#include "wordline/fab/metrology/ridge.h"
#include "wordline/fab/metrology/ud_filter.h"

namespace wordline::fab::policy {
namespace {

class DriftRidge : public Expert {
 public:
  DriftRidge(double gain, double forgetting) : gain_(gain), forgetting_(forgetting) {}

  void start(const Labelled& warm_up) override {
    const Deviations seen = deviations_of(warm_up, gain_);
    const Ridge fit = fit_ridge(seen.rows, std::nullopt, false);
    filter_ = UdFilter(warm_up.features, 1 / fit.penalty, forgetting_);
    for (std::size_t i = 0; i < seen.rows.rows(); ++i) filter_.learn(seen.rows.row(i), seen.rows.y[i]);
    mean_features_ = seen.mean_features;
    mean_label_ = seen.mean_label;
    deviation_.resize(warm_up.features);
    settle();
  }
  std::optional<double> predict(const double* x, std::int64_t) const override {
    return intercept_ + dot(filter_.weights().data(), x, deviation_.size());
  }
  void learn(const double* x, double label, std::int64_t) override {
    for (std::size_t j = 0; j < deviation_.size(); ++j) deviation_[j] = x[j] - mean_features_[j];
    const double deviation = label - mean_label_;
    filter_.learn(deviation_.data(), deviation);
    for (std::size_t j = 0; j < deviation_.size(); ++j) mean_features_[j] += gain_ * deviation_[j];
    mean_label_ += gain_ * deviation;
    settle();
  }
  void save(StateWriter& out) const override {
    filter_.save(out);
    out.numbers(mean_features_);
    out.number(mean_label_);
  }
  void restore(StateReader& in) override {
    filter_.restore(in);
    mean_features_ = in.numbers(filter_.weights().size());
    mean_label_ = in.number();
    deviation_.resize(mean_features_.size());
    settle();
  }

 private:
  void settle() { intercept_ = mean_label_ - filter_.predict(mean_features_.data()); }

  double gain_, forgetting_, mean_label_ = 0, intercept_ = 0;
  UdFilter filter_;
  std::vector<double> mean_features_, deviation_;
};

}  // namespace

std::unique_ptr<Expert> drift_ridge(const core::Reader& table) {
  return std::make_unique<DriftRidge>(table.number("gain", 1e-6, 1), table.number_or("forgetting", 1, 0.5, 1));
}

}  // namespace wordline::fab::policy
