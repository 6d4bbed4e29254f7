// One thing to be tried: a candidate, or a variant of a memory step, each on its own chip.
#pragma once

#include <vector>

#include "wordline/plan/plan.h"
#include "wordline/plan/traffic.h"

namespace wordline::plan {

struct Trial {
  Candidate candidate;
  chip::Chip chip;
  model::Deployment deployment;
};

// Throws core::InputError where the model cannot be split over so many chips.
Trial trial_of(const Scenario& scenario, const Candidate& candidate, const chip::Chip& chip);

// All candidates in the scenario's order, then four variants for each memory step. Chips are read one after the other,
// so that the facts stand in the same order always.
std::vector<Trial> trials_of(const Scenario& scenario, const core::Catalog& catalog);

// Has each kind of memory simulated once, before many trials ask for it at the same time.
void warm_memories(const std::vector<Trial>& trials, unsigned threads);

// The answer. A memory step asks only for the rate; a candidate also for what binds there.
Outcome try_one(const Plan& plan, const Trial& trial, const Traffic& traffic, bool with_gains);

// The same replica at lower loads: fills the outcome's curve.
void draw_curve(const Plan& plan, const Trial& trial, const Traffic& traffic, Outcome& outcome);

}  // namespace wordline::plan
