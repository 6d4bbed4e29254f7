// Features in standard deviations from their means in the warm-up.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/fab/metrology/labelled.h"
#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// A feature that stood still in the warm-up, or was missing in half of it, is left out. A value that is missing (not a
// finite number) counts as the mean.
class Standardiser {
 public:
  Standardiser() = default;
  // The features of a warm-up, raw; `clip` in standard deviations.
  Standardiser(const Labelled& raw, double clip);
  std::size_t features() const { return kept_.size(); }  // that are left
  // Into features() numbers.
  void apply(const double* raw, double* out) const;

  void save(StateWriter& out) const;
  void restore(StateReader& in, std::size_t raw_features);

 private:
  double clip_ = 6;
  std::vector<std::size_t> kept_;
  std::vector<double> mean_, scale_;  // scale: one over the standard deviation
};

}  // namespace wordline::fab
