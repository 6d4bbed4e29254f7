// Controllers compared, each at its best, with sampled metrology alone and with virtual metrology.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "wordline/fab/control/loop.h"

namespace wordline::fab {

// A mean over independent runs, and half the width of its 95 % interval (normal law of means).
struct Estimate {
  double mean = 0, half_width = 0;
};
Estimate estimate_of(const std::vector<double>& values);

// One controller in one mode.
struct ControlRow {
  std::string controller;
  std::optional<double> vm_sd;          // none: sampled metrology alone
  std::vector<std::string> parameters;  // their names
  std::vector<double> values;           // as tuned
  Estimate sigma;                       // root mean square deviation from the target
  // Of sigma against the same controller with sampled metrology alone, run by run; none there, and where the controller
  // does not look.
  std::optional<Estimate> change;
};

struct ControlSettings {
  std::vector<std::string> controllers;  // names; empty: all
  std::int64_t wafers = 8000;            // of each run; the first tenth is not judged
  int runs = 40, tuning_runs = 8;        // with seeds of their own
  std::uint64_t seed = 1;
  unsigned threads = 0;  // 0: all cores; the result does not depend on it
};

// Controllers in the order asked for, each first with sampled metrology alone, then with each of Process::vm_sds. Each
// takes, in each mode, the parameters among its candidates that give the least mean square over the tuning runs.
std::vector<ControlRow> compare(const Process& process, const ControlSettings& settings);

// The parameters among a policy's candidates with the least mean square of the deviations over these paths.
std::vector<double> tune(const ControllerPolicy& policy, const std::vector<ProcessPath>& paths,
                         const LoopSettings& loop, unsigned threads);

}  // namespace wordline::fab
