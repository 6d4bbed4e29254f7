// Ridge regression of what moving averages leave: the deviation of a label from the labels' average on the deviation of
// its features from theirs (deviations_of). Drift and steps of either go into the averages, so that the weights mean
// what a wafer's features say against those of the wafers before it.
#pragma once

#include <vector>

#include "wordline/fab/metrology/labelled.h"
#include "wordline/fab/metrology/ud_filter.h"

namespace wordline::fab {

class DeviationModel {
 public:
  DeviationModel() = default;
  // The averages move by `gain` at each label; the regression forgets as UdFilter does.
  DeviationModel(double gain, double forgetting) : gain_(gain), forgetting_(forgetting) {}

  // The penalty is chosen on the warm-up, which is then learned wafer by wafer. Returns what was left of each of its
  // labels when the wafers before it were all that was known.
  std::vector<double> start(const Labelled& warm_up);
  double predict(const double* x) const;
  void learn(const double* x, double label);

  void save(StateWriter& out) const;
  void restore(StateReader& in, std::size_t features);

 private:
  void settle() { intercept_ = mean_label_ - filter_.predict(mean_features_.data()); }

  double gain_ = 0.1, forgetting_ = 1, mean_label_ = 0, intercept_ = 0;
  UdFilter filter_;
  std::vector<double> mean_features_, deviation_;
};

}  // namespace wordline::fab
