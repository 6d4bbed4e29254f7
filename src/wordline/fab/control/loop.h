// The loop of a run-to-run controller: recipe, result, what metrology and virtual metrology say of it, recipe.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/fab/control/controller.h"
#include "wordline/fab/control/process.h"

namespace wordline::fab {

struct LoopSettings {
  std::int64_t sampling = 1, delay = 1;  // as Process has them
  double gain = 1, model_gain = 1;
  double noise_variance = 1;          // of the process from wafer to wafer, as it is known
  double metrology_variance = 0;      // of the error of a measurement
  double bias_variance = 0;           // what the bias of virtual metrology may be at the begin
  double bias_walk = 0;               // and by how much that variance grows a wafer
  std::int64_t first = 0, last = -1;  // the wafers that are judged, `last` excluded; -1: to the end
  bool keep_outcomes = false;
};
LoopSettings settings_of(const Process& process);

// Deviations from the target, 0, over the wafers judged.
struct LoopResult {
  double sigma = 0;  // root of their mean square
  double mean = 0;
  std::vector<double> outcomes;  // of all wafers, where asked for
};

// Runs a controller over a path. A wafer's offset is seen as virtual metrology predicts it (less the bias that it is
// known to have), and anew when metrology has measured that wafer: the controller then goes over the wafers since with
// that. Readings of one wafer are joined by their variances. The bias is learned where both are there, by Kalman's
// filter.
LoopResult run_loop(const ProcessPath& path, Controller& controller, const LoopSettings& settings);

}  // namespace wordline::fab
