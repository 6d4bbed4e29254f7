// The virtual metrology of one chamber: wafers come one by one, labels for some of them late.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wordline/fab/metrology/bank.h"
#include "wordline/fab/metrology/labelled.h"
#include "wordline/fab/metrology/sampler.h"
#include "wordline/fab/metrology/standardiser.h"

namespace wordline::fab {

// What is said of a wafer before anyone measured it. NaN: nothing can be said yet (no label came, no interval known).
struct Prediction {
  std::int64_t wafer = 0;  // its number in the stream, from 0: what learn() takes
  double value = 0, low = 0, high = 0;
  double distance = 1;   // of its features from those of the wafers before it (ShiftWatch)
  bool warm = false;     // the experts speak; before, it is the mean of the labels so far
  bool shift = false;    // the features changed and stayed so: a maintenance, say
  bool measure = false;  // the sampler would have it measured
};

// What a label did.
struct Learned {
  bool known = false;  // the wafer was remembered; else nothing happened
  bool drift = false;  // the errors passed the drift watch's limit
  double error = 0;    // prediction less label; NaN where nothing was predicted
};

// Memory is bounded by the bank's settings. Nothing that is said of a wafer depends on what comes after it.
class Stream {
 public:
  // `features` raw ones a wafer; `budget` measurements a wafer for the sampler; `warm_up` labels before the experts
  // begin.
  Stream(std::shared_ptr<const Bank> bank, std::size_t features, double budget, std::size_t warm_up);

  const Prediction& predict(const double* raw);
  // A label for a wafer that was predicted; each wafer's label counts once. One beyond `largest_label` is none: fourth
  // powers of labels must be numbers.
  static constexpr double largest_label = 1e60;
  Learned learn(std::int64_t wafer, double label);

  bool warm() const { return warm_; }
  // Of each expert: its weight, and what it said of the newest wafer (NaN where it slept). Empty before it is warm.
  const std::vector<double>& weights() const;
  const std::vector<double>& opinions() const { return opinions_; }

  void save(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  // A wafer whose label may still come. Features are raw until the stream is warm, standardised from then on.
  struct Waiting {
    std::int64_t wafer = -1;
    std::vector<double> features;
    Advice advice;  // without opinions where it was said before the stream was warm
    double half_width = 0;
    std::int64_t age = 1;  // of the newest label then, in wafers
  };

  Waiting& waiting(std::int64_t wafer) { return pending_[static_cast<std::size_t>(wafer) % pending_.size()]; }
  void advise(const std::vector<double>& features, Waiting& entry);
  void begin();
  void rehearse();

  std::shared_ptr<const Bank> bank_;
  std::size_t features_, warm_up_;
  bool warm_ = false;
  std::int64_t wafers_ = 0, warm_at_ = 0, newest_labelled_ = -1;
  double level_ = 0;  // mean of the labels before it is warm
  Labelled early_;    // the warm-up so far, raw
  Standardiser standardiser_;
  std::vector<std::unique_ptr<Expert>> experts_;
  std::unique_ptr<Aggregation> aggregation_;
  Conformal conformal_;
  DriftWatch drift_;
  ShiftWatch shift_;
  Sampler sampler_;
  bool attention_ = false;        // drift was seen and nothing was measured since
  std::vector<Waiting> pending_;  // a ring by the wafer's number
  std::vector<double> opinions_;
  Prediction prediction_;
};

}  // namespace wordline::fab
