// Prediction intervals that keep their coverage while the process drifts: adaptive conformal inference (Gibbs, Candes
// 2021, "Adaptive Conformal Inference Under Distribution Shift").
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// A score is an absolute error over spread(age), where `age` counts the wafers since the newest labelled one: the older
// the last label, the wider. The half width is spread(age) times the scores' quantile at a level that follows the
// labels: a miss raises it by rate x coverage, a hit lowers it by rate x (1 - coverage), so that in the long run the
// share of hits is `coverage`, whatever the process does. Spreads, and the first scores, come from a rehearsal on the
// warm-up; scores of labels take their places one by one.
class Conformal {
 public:
  Conformal() = default;
  // `first` scores of the rehearsal, evenly spaced quantiles of it; `window` scores are kept.
  Conformal(double coverage, double rate, std::size_t first, std::size_t window)
      : coverage_(coverage), rate_(rate), level_(coverage), first_(first), window_(window) {}

  // Absolute errors of a rehearsal at one age. Ages ascend from call to call.
  void rehearse(double age, std::vector<double> errors);
  void begin();  // after the last rehearsal
  double half_width(std::int64_t age) const { return quantile_ * spread(age); }
  // The error of a labelled wafer, predicted when the newest label had that age.
  void learn(double error, std::int64_t age);

  void save(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  double spread(std::int64_t age) const;
  void settle();

  double coverage_ = 0.9, rate_ = 0.02, level_ = 0.9, quantile_ = 1;
  std::size_t first_ = 20, window_ = 200;
  std::vector<double> log_ages_, spreads_;
  std::vector<double> rehearsed_;  // scores until begin()
  std::vector<double> scores_;     // the last ones, a ring once it is full
  std::size_t next_ = 0;
};

}  // namespace wordline::fab
