// Prediction intervals that keep their coverage while the process drifts: adaptive conformal inference.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// An interval's half width is factor x spread(age). `age` counts the wafers since the newest labelled one: the older
// the last label, the wider. `spread` comes from a rehearsal on the warm-up; `factor` follows the labels: a miss widens
// by rate x coverage, a hit narrows by rate x (1 - coverage), in logarithms, so that in the long run the share of hits
// is `coverage` whatever the process does (Gibbs, Candes 2021; as a quantile tracker: Angelopoulos, Candes, Tibshirani
// 2023).
class Conformal {
 public:
  Conformal() = default;
  Conformal(double coverage, double rate) : coverage_(coverage), rate_(rate) {}

  // Absolute errors of a rehearsal at one age: their quantile becomes the spread there. Ages ascend from call to call.
  void rehearse(double age, std::vector<double> errors);
  double half_width(std::int64_t age) const;
  // The error of a labelled wafer, whose half width was `half`.
  void learn(double error, double half);

  void save(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  double coverage_ = 0.9, rate_ = 0.05, factor_ = 1;
  std::vector<double> log_ages_, spreads_;
};

}  // namespace wordline::fab
