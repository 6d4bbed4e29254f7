// A bank of experts and what goes with it, from catalog/fab/banks/<name>.toml: immutable, the same for every chamber.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wordline/core/catalog.h"
#include "wordline/fab/metrology/aggregation.h"
#include "wordline/fab/metrology/conformal.h"
#include "wordline/fab/metrology/expert.h"
#include "wordline/fab/metrology/monitor.h"

namespace wordline::fab {

struct Bank {
  std::string name, title;
  std::size_t warm_up = 0;           // labelled wafers before the experts begin
  std::size_t pending = 0;           // wafers that are remembered for a late label
  double clip = 0;                   // standard deviations at which standardised features are cut
  double coverage = 0;               // of the intervals
  double deviations = 0;             // of a normal distribution from its mean to the end of such an interval
  std::vector<std::int64_t> ages;    // wafers that labels are late in the rehearsals of the intervals, ascending
  double reserve = 0;                // measurements kept for wafers that deserve attention
  std::vector<std::string> experts;  // what each is called
  Conformal conformal;               // as they begin
  DriftWatch drift;
  ShiftWatch shift;

  std::vector<std::unique_ptr<Expert>> make_experts() const;
  std::unique_ptr<Aggregation> make_aggregation() const;

  core::Value document;
};

// Throws core::InputError with the place in the file, and with the nearest name for an unknown bank.
Bank load_bank(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});

}  // namespace wordline::fab
