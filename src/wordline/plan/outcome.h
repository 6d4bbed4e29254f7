// A candidate with its answer: replica, fleet, power, money.
#pragma once

#include <string>
#include <vector>

#include "wordline/chip/chip.h"
#include "wordline/plan/account.h"
#include "wordline/plan/demand.h"
#include "wordline/plan/evaluate.h"
#include "wordline/plan/fleet.h"
#include "wordline/plan/scenario.h"

namespace wordline::plan {

// The bill of a fleet for the service's month.
struct Bill {
  bool known = false;  // the chip has a price of this kind
  MonthlyCost month;
  core::Range<core::Usd> usd_per_mtok;  // a million output tokens of the service's own demand
  core::Range<core::Krw> krw_per_mtok;
};

// What a replica would deliver below its highest rate, and what tokens then cost: one point of the cost/latency curve.
struct LoadPoint {
  double rps = 0;
  core::Seconds p99_ttft, p99_tpot;
  core::Range<core::Usd> usd_per_mtok;
};

// Everything that the plan says about one candidate. Fleet, power and bill only where the promises are kept.
struct Outcome {
  Candidate candidate;
  std::string chip_title;
  chip::Price price;
  Evaluation replica;
  Fleet fleet;
  std::int64_t chips = 0;
  core::Watts chips_peak, chips_mean;  // of all chips
  core::Watts facility;                // at the peak: servers and cooling included
  Bill bill;
  std::string price_kind;  // of the rent or the purchase price: "measured", "assumed", ...; "" where there is none
  Account account;         // for the best of each model
  std::vector<LoadPoint> curve;  // for the best of each chip
};

// Money for `chips` chips that draw this much, under the scenario's prices.
Bill bill_of(const Scenario& scenario, const chip::Chip& chip, double chips, core::Watts peak, core::Watts mean,
             double tokens_per_second);

// The fleet for the burst, its power and its bill, where every replica holds `rps`; for max_rps and for less.
void size_fleet(const Scenario& scenario, const Demand& demand, double mean_output_tokens, const chip::Chip& chip,
                double rps, Outcome& outcome);

// Puts the outcomes of each model in order: those that keep the promises by cost (unpriced ones after), then by how far
// their p99 misses, then those that do not fit.
void rank(const Scenario& scenario, std::vector<Outcome>& outcomes);

}  // namespace wordline::plan
