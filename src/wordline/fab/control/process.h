// A process under run-to-run control: what disturbs each wafer, and how its result is measured or predicted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/core/catalog.h"

namespace wordline::fab {

// The process of catalog/fab/processes/<name>.toml. Deviations are in the unit of the result (a film's thickness, say).
struct Process {
  std::string name, title;
  // y_t = a_t + b u_t + e_t: a_t walks by walk_sd a wafer, and jumps by jump_sd (normal, mean 0) at each maintenance.
  double walk_sd = 0, noise_sd = 0, jump_sd = 0;
  std::int64_t maintenance_wafers = 0;  // between two; 0: none
  double gain = 1;                      // b
  double model_gain = 1;                // what the controller takes b to be
  // Metrology measures every sampling-th wafer; its result is known before the delay-th wafer after that one is set.
  std::int64_t sampling = 0, delay = 0;
  double metrology_sd = 0;
  // Virtual metrology predicts each wafer before the next is set, with these deviations of its error, one a comparison,
  // and a bias that changes by vm_bias_sd (normal) at the begin and at each maintenance.
  std::vector<double> vm_sds;
  double vm_bias_sd = 0;
  // What it is worth: Cpk with sampled metrology alone; layers of a die made so, each of which must lie within its
  // limits; the stack of catalog/fab/stacks that such dies make.
  double cpk = 0, layers = 0;
  std::string stack;
};

// Throws core::InputError for an unknown name (with the nearest), and for numbers that are no process. Records facts:
// on one thread.
Process load_process(const core::Catalog& catalog, const std::string& name);

// What comes upon the wafers in turn, whatever the recipes are.
struct ProcessPath {
  std::vector<double> disturbance;      // a_t + e_t; the target is 0
  std::vector<double> metrology_error;  // empty: none
  std::vector<double>
      prediction_error;  // of virtual metrology, its bias with it; NaN: none of this wafer; empty: of none
  std::vector<double> prediction_variance;  // of that error without its bias, as it is known; likewise
};

// Draws one; the disturbance of a seed and number is the same with each vm_sd (0: no virtual metrology).
ProcessPath simulate(const Process& process, std::int64_t wafers, double vm_sd, std::uint64_t seed,
                     std::uint64_t number);

}  // namespace wordline::fab
