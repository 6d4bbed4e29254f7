#include "wordline/fab/metrology/deviation_model.h"

#include "wordline/fab/metrology/ridge.h"

namespace wordline::fab {

std::vector<double> DeviationModel::start(const Labelled& warm_up) {
  const Ridge fit = fit_ridge(deviations_of(warm_up, gain_).rows, std::nullopt, false);
  filter_ = UdFilter(warm_up.features, 1 / fit.penalty, forgetting_);
  mean_features_.assign(warm_up.row(0), warm_up.row(0) + warm_up.features);
  mean_label_ = warm_up.y[0];
  deviation_.resize(warm_up.features);
  settle();
  std::vector<double> left;
  for (std::size_t i = 0; i < warm_up.rows(); ++i) {
    left.push_back(warm_up.y[i] - predict(warm_up.row(i)));
    learn(warm_up.row(i), warm_up.y[i]);
  }
  return left;
}

double DeviationModel::predict(const double* x) const { return intercept_ + filter_.predict(x); }

void DeviationModel::learn(const double* x, double label) {
  for (std::size_t j = 0; j < deviation_.size(); ++j) deviation_[j] = x[j] - mean_features_[j];
  const double deviation = label - mean_label_;
  filter_.learn(deviation_.data(), deviation);
  for (std::size_t j = 0; j < deviation_.size(); ++j) mean_features_[j] += gain_ * deviation_[j];
  mean_label_ += gain_ * deviation;
  settle();
}

void DeviationModel::save(StateWriter& out) const {
  filter_.save(out);
  out.numbers(mean_features_);
  out.number(mean_label_);
}

void DeviationModel::restore(StateReader& in, std::size_t features) {
  filter_.restore(in, features);
  mean_features_ = in.numbers(features);
  mean_label_ = in.number();
  deviation_.resize(mean_features_.size());
  settle();
}

}  // namespace wordline::fab
