// Measure this wafer, or skip it: metrology's budget spent where it tells most.
#pragma once

#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// Earns `budget` measurements a wafer. One in reserve is kept for wafers that deserve attention; without any, every
// (1 / budget)-th is measured. In the long run just the budget is spent.
class Sampler {
 public:
  Sampler() = default;
  Sampler(double budget, double reserve) : budget_(budget), reserve_(reserve), saved_(reserve) {}
  // Whether to measure this wafer. `attention`: it is unlike those before, or the predictions have drifted since the
  // last measurement.
  bool measure(bool attention);
  void save(StateWriter& out) const { out.number(saved_); }
  void restore(StateReader& in) { saved_ = in.number(); }

 private:
  double budget_ = 1, reserve_ = 1, saved_ = 1;
};

}  // namespace wordline::fab
