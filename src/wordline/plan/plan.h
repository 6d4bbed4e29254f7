// The plan: how many, of what, for how much money.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/plan/outcome.h"
#include "wordline/plan/steps.h"

namespace wordline::plan {

// The answer to a scenario. `outcomes` are ranked within each model, models in the scenario's order.
struct Plan {
  Scenario scenario;
  Demand demand;
  double mean_prompt_tokens = 0, mean_output_tokens = 0;
  bool from_trace = false;
  std::vector<Outcome> outcomes;
  std::vector<StepOutcome> steps;
  core::Facts facts;  // behind the answer: the scenario's and the catalogue's

  // The cheapest candidate of a model that keeps the promises and has a price, or nullptr.
  const Outcome* best(std::size_t model) const;
  // The cheapest whose price somebody states: not an assumed one.
  const Outcome* best_at_a_stated_price(std::size_t model) const;
  // Whether any candidate keeps the promises.
  bool possible() const;
};

// How a plan is made; threads never change it.
struct PlanOptions {
  unsigned threads = 0;                          // 0: all cores
  std::shared_ptr<const serve::Workload> trace;  // instead of the scenario's lengths
};

// Tries every candidate and every memory step of the scenario.
Plan make_plan(const Scenario& scenario, const core::Catalog& catalog, const PlanOptions& options = {});

}  // namespace wordline::plan
