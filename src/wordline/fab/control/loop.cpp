#include "wordline/fab/control/loop.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace wordline::fab {

namespace {

class Loop {
 public:
  Loop(const ProcessPath& path, Controller& controller, const LoopSettings& settings)
      : path_(path),
        controller_(controller),
        settings_(settings),
        effects_(path.disturbance.size()),
        states_(path.disturbance.size()),
        bias_variance_(settings.bias_variance) {}

  // Sets the recipe of wafer t and returns its deviation from the target.
  double make(std::int64_t t) {
    const double recipe = -controller_.offset() / settings_.model_gain;
    effects_[index(t)] = settings_.model_gain * recipe;
    return path_.disturbance[index(t)] + settings_.gain * recipe;
  }

  // What is known before the wafer after t is set.
  void learn(std::int64_t t) {
    const std::int64_t measured = t + 1 - settings_.delay;
    if (is_sampled(measured)) take_measurement(measured, t);
    step(t, measured == t && is_sampled(t));
    bias_variance_ += settings_.bias_walk;
  }

 private:
  static std::size_t index(std::int64_t t) { return static_cast<std::size_t>(t); }
  bool is_sampled(std::int64_t t) const { return t >= 0 && (t + 1) % settings_.sampling == 0; }
  bool is_predicted(std::int64_t t) const {
    return !path_.prediction_error.empty() && !std::isnan(path_.prediction_error[index(t)]);
  }
  // The offset of wafer t as it is, but for the reading's own error: result less what the recipe should have given.
  double offset(std::int64_t t) const {
    return path_.disturbance[index(t)] + (settings_.gain / settings_.model_gain - 1) * effects_[index(t)];
  }
  double measured(std::int64_t t) const {
    return offset(t) + (path_.metrology_error.empty() ? 0 : path_.metrology_error[index(t)]);
  }

  // Wafer t goes by with all that is known of it now: its prediction, and its measurement where that is there.
  void step(std::int64_t t, bool with_measurement) {
    states_[index(t)] = controller_.state;
    double value = 0, precision = 0;
    std::optional<Sight> sight;
    if (with_measurement && settings_.metrology_variance == 0) {
      sight = Sight{measured(t), settings_.noise_variance};
    } else {
      const auto join = [&](double reading, double variance) {
        value += reading / variance;
        precision += 1 / variance;
      };
      if (with_measurement) join(measured(t), settings_.metrology_variance);
      if (is_predicted(t))
        join(offset(t) + path_.prediction_error[index(t)] - bias_,
             path_.prediction_variance[index(t)] + bias_variance_);
      if (precision > 0) sight = Sight{value / precision, settings_.noise_variance + 1 / precision};
    }
    controller_.step(sight ? &*sight : nullptr);
  }

  // The measurement of a wafer is there when t has gone by: what virtual metrology said of it is compared, and the
  // wafers from it on are gone over again.
  void take_measurement(std::int64_t wafer, std::int64_t t) {
    if (is_predicted(wafer) && bias_variance_ > 0) {
      const double seen = offset(wafer) + path_.prediction_error[index(wafer)] - measured(wafer);
      const double gain =
          bias_variance_ / (bias_variance_ + path_.prediction_variance[index(wafer)] + settings_.metrology_variance);
      bias_ += gain * (seen - bias_);
      bias_variance_ *= 1 - gain;
    }
    if (wafer < t) controller_.state = states_[index(wafer)];
    for (std::int64_t i = wafer; i < t; ++i) step(i, i == wafer);
  }

  const ProcessPath& path_;
  Controller& controller_;
  const LoopSettings& settings_;
  std::vector<double> effects_;  // what the recipe of each wafer was meant to add
  std::vector<Controller::State> states_;
  double bias_ = 0, bias_variance_;
};

}  // namespace

LoopSettings settings_of(const Process& process) {
  LoopSettings s;
  s.sampling = process.sampling;
  s.delay = process.delay;
  s.gain = process.gain;
  s.model_gain = process.model_gain;
  s.noise_variance = process.noise_sd * process.noise_sd;
  s.metrology_variance = process.metrology_sd * process.metrology_sd;
  s.bias_variance = process.vm_bias_sd * process.vm_bias_sd;
  if (process.maintenance_wafers > 0)
    s.bias_walk = 2 * s.bias_variance / static_cast<double>(process.maintenance_wafers);
  return s;
}

LoopResult run_loop(const ProcessPath& path, Controller& controller, const LoopSettings& settings) {
  LoopResult result;
  Loop loop(path, controller, settings);
  const auto wafers = static_cast<std::int64_t>(path.disturbance.size());
  const std::int64_t last = settings.last < 0 ? wafers : std::min(settings.last, wafers);
  double squares = 0, sum = 0;
  for (std::int64_t t = 0; t < wafers; ++t) {
    const double outcome = loop.make(t);
    if (t >= settings.first && t < last) {
      squares += outcome * outcome;
      sum += outcome;
    }
    if (settings.keep_outcomes) result.outcomes.push_back(outcome);
    loop.learn(t);
  }
  if (last > settings.first) {
    const auto count = static_cast<double>(last - settings.first);
    result.sigma = std::sqrt(squares / count);
    result.mean = sum / count;
  }
  return result;
}

}  // namespace wordline::fab
