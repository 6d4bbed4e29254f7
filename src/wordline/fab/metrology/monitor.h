// Has the process changed? Two watches: on the errors of predictions (drift of the process or of the model), and on the
// features alone (a maintenance, another recipe: seen at once, without a label).
#pragma once

#include <vector>

#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// Page's cumulative sums, two-sided (Page 1954), of errors in units of their standard deviation.
class DriftWatch {
 public:
  DriftWatch() = default;
  DriftWatch(double allowance, double limit) : allowance_(allowance), limit_(limit) {}
  // Whether the sum passed the limit with this error; it then starts anew.
  bool sees(double standardised_error);
  void save(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  double allowance_ = 0.5, limit_ = 5, up_ = 0, down_ = 0;
};

// How far a wafer's features are from those of the wafers before it: the mean over the features of the squared
// deviation from its moving average, over its moving variance; 1 in the mean for a process that stands.
class ShiftWatch {
 public:
  ShiftWatch() = default;
  ShiftWatch(double gain, double limit, int in_a_row) : gain_(gain), limit_(limit), in_a_row_(in_a_row) {}
  void start(std::size_t features);
  struct Seen {
    double distance = 1;
    bool novel = false;  // this wafer is beyond the limit
    bool shift = false;  // so were the last `in_a_row`: a change that stays. The averages then start anew here
  };
  Seen see(const double* x);
  void save(StateWriter& out) const;
  void restore(StateReader& in, std::size_t features);

 private:
  double gain_ = 0.05, limit_ = 4;
  int in_a_row_ = 2, beyond_ = 0;
  std::vector<double> mean_, variance_;
};

}  // namespace wordline::fab
