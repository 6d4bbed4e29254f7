// What the experts that learn a DeviationModel's errors have in common: that model, and a window of its last errors.
#pragma once

#include "wordline/core/reader.h"
#include "wordline/fab/metrology/deviation_model.h"
#include "wordline/fab/metrology/expert.h"
#include "wordline/fab/metrology/window.h"

namespace wordline::fab {

// A linear model that drifts with the process says most; the expert itself says what is left, from the wafers at hand.
class ResidualExpert : public Expert {
 public:
  // {window = 200, gain = 0.2}: labelled wafers that are kept, and the gain of the model's averages.
  ResidualExpert(const core::Reader& table, std::int64_t most)
      : size_(static_cast<std::size_t>(table.integer("window", 2, most))), model_(table.number("gain", 1e-6, 1), 1) {}

  void start(const Labelled& warm_up) final;
  std::optional<double> predict(const double* x, std::int64_t wafer) const final;
  void learn(const double* x, double label, std::int64_t wafer) final;
  void save(StateWriter& out) const final;
  void restore(StateReader& in, std::size_t features) final;

 protected:
  // The model's error to be expected for a wafer.
  virtual double residual(const double* x, std::int64_t wafer) const = 0;
  virtual void begin() = 0;   // the window is full of the warm-up
  virtual void update() = 0;  // one wafer was added to the window
  virtual void save_more(StateWriter&) const {}
  virtual void restore_more(StateReader&) {}
  const Window& window() const { return window_; }

 private:
  std::size_t size_;
  DeviationModel model_;
  Window window_;
};

}  // namespace wordline::fab
