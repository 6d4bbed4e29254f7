#include "wordline/plan/plan.h"

#include <algorithm>
#include <set>

#include "wordline/core/parallel.h"
#include "wordline/core/progress.h"
#include "wordline/plan/trial.h"

namespace wordline::plan {

namespace {

// Places of the candidates that are the cheapest of their chip for their model.
std::vector<std::size_t> cheapest_of_each_chip(const std::vector<Outcome>& ranked) {
  std::set<std::pair<std::size_t, std::string>> seen;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < ranked.size(); ++i)
    if (ranked[i].replica.meets && seen.insert({ranked[i].candidate.model, ranked[i].candidate.chip}).second)
      out.push_back(i);
  return out;
}

void detail(Plan& plan, const core::Catalog& catalog, const Traffic& traffic, unsigned threads) {
  const auto winners = cheapest_of_each_chip(plan.outcomes);
  std::vector<Trial> trials;
  for (const auto i : winners)
    trials.push_back(
        trial_of(plan.scenario, plan.outcomes[i].candidate, chip::load(catalog, plan.outcomes[i].candidate.chip)));
  core::Progress progress("Drawing curves", winners.size());
  core::parallel_for(winners.size(), threads, [&](std::size_t i) {
    Outcome& outcome = plan.outcomes[winners[i]];
    if (outcome.bill.known) draw_curve(plan, trials[i], traffic, outcome);
    outcome.account = account_of(trials[i].deployment, outcome.replica.at);
    progress.advance();
  });
}

StepOutcome step_outcome(const Plan& plan, const MemoryStep& step, const core::Catalog& catalog,
                         const Outcome* outcomes) {
  StepOutcome out;
  out.step = step;
  const chip::Chip base = chip::load(catalog, step.base.chip), other = chip::load(catalog, step.memory_of);
  out.base_title = base.title, out.other_title = other.title;
  out.base_memory = base.memory.module, out.other_memory = other.memory.module;
  for (const auto& [name, chip] : variants_of(step, catalog)) {
    const Outcome& outcome = *outcomes++;
    out.variants.push_back(
        {name, chip.memory.capacity, chip.memory.peak, outcome, outcome.replica.max_rps * plan.mean_output_tokens});
  }
  Outcome sold = out.variants.back().outcome;
  if (sold.replica.meets)
    size_fleet(plan.scenario, plan.demand, plan.mean_output_tokens, other, sold.replica.max_rps, sold);
  out.sold_as_other = sold.bill;
  return out;
}

// Where each candidate's price comes from.
void name_price_kinds(Plan& plan) {
  const std::string path = plan.scenario.cost_choice == "rent" ? "price.rent" : "price.buy";
  for (auto& outcome : plan.outcomes)
    for (const auto& fact : plan.facts)
      if (fact.subject == "chips/" + outcome.candidate.chip && fact.path == path) outcome.price_kind = fact.kind;
}

}  // namespace

const Outcome* Plan::best(std::size_t model) const {
  for (const auto& outcome : outcomes)
    if (outcome.candidate.model == model) return outcome.replica.meets && outcome.bill.known ? &outcome : nullptr;
  return nullptr;
}

const Outcome* Plan::best_at_a_stated_price(std::size_t model) const {
  for (const auto& outcome : outcomes)
    if (outcome.candidate.model == model && outcome.replica.meets && outcome.bill.known &&
        outcome.price_kind != "assumed")
      return &outcome;
  return nullptr;
}

bool Plan::possible() const {
  return std::any_of(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.replica.meets; });
}

Plan make_plan(const Scenario& scenario, const core::Catalog& catalog, const PlanOptions& options) {
  Plan plan;
  plan.scenario = scenario;
  plan.demand = demand_of(scenario.service);
  const Traffic traffic{scenario.lengths, scenario.search.arrival_cv, scenario.search.seed, options.trace};
  plan.mean_prompt_tokens = traffic.mean_prompt_tokens();
  plan.mean_output_tokens = traffic.mean_output_tokens();
  plan.from_trace = options.trace != nullptr;

  const std::vector<Trial> trials = trials_of(scenario, catalog);
  warm_memories(trials, options.threads);
  std::vector<Outcome> outcomes(trials.size());
  {
    core::Progress progress("Trying candidates", trials.size());
    core::parallel_for(trials.size(), options.threads, [&](std::size_t i) {
      outcomes[i] = try_one(plan, trials[i], traffic, i < scenario.candidates.size());
      progress.advance();
    });
  }
  const auto steps_begin = static_cast<std::ptrdiff_t>(scenario.candidates.size());
  plan.outcomes.assign(outcomes.begin(), outcomes.begin() + steps_begin);
  rank(scenario, plan.outcomes);
  for (std::size_t i = 0; i < scenario.memory_steps.size(); ++i)
    plan.steps.push_back(step_outcome(plan, scenario.memory_steps[i], catalog,
                                      outcomes.data() + steps_begin + 4 * static_cast<std::ptrdiff_t>(i)));
  detail(plan, catalog, traffic, options.threads);
  plan.facts = scenario.facts;
  const core::Facts shipped = catalog.facts();
  plan.facts.insert(plan.facts.end(), shipped.begin(), shipped.end());
  name_price_kinds(plan);
  return plan;
}

}  // namespace wordline::plan
