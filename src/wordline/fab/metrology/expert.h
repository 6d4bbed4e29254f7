// An online model of a wafer's result: what the aggregate weighs. Policies: policy/expert/<name>.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wordline/core/reader.h"
#include "wordline/fab/metrology/labelled.h"
#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// Features are standardised; labels are in the user's unit. `wafer` counts the wafers of the stream, labelled or not,
// from 0 after the warm-up; those of the warm-up count -n to -1. All memory is bounded by the settings, not by the
// stream's length.
class Expert {
 public:
  virtual ~Expert() = default;
  // Fits to the warm-up; called once, before all else.
  virtual void start(const Labelled& warm_up) = 0;
  // The wafer's result, or nothing where the expert sleeps: it has no opinion on this wafer.
  virtual std::optional<double> predict(const double* x, std::int64_t wafer) const = 0;
  // A label, in the order of the wafers, however late.
  virtual void learn(const double* x, double label, std::int64_t wafer) = 0;
  virtual void save(StateWriter& out) const = 0;
  // Into an expert made with the same settings; throws core::InputError where it is a state of other features.
  virtual void restore(StateReader& in, std::size_t features) = 0;
};

// The names that `policy = ` of a bank may have.
std::vector<std::string> expert_policies();

// One expert of a bank as its table states it: {policy = "rls", forgetting = 0.99}. Throws core::InputError for what it
// does not know.
std::unique_ptr<Expert> make_expert(const core::Reader& table);

}  // namespace wordline::fab
