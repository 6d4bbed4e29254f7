#include "wordline/plan/plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "wordline/core/parallel.h"
#include "wordline/core/progress.h"
#include "wordline/model/step_timer.h"
#include "wordline/serve/run.h"

namespace wordline::plan {

namespace {

// One thing to be tried: a candidate, or a variant of a memory step, on its own chip.
struct Trial {
  Candidate candidate;
  chip::Chip chip;
  model::Deployment deployment;
};

Trial trial_of(const Scenario& scenario, const Candidate& candidate, const chip::Chip& chip) {
  model::Deployment deployment{scenario.models[candidate.model], chip, candidate.tp, candidate.weights, candidate.kv};
  deployment.kv_block_tokens = scenario.engine.block_size;
  model::check(deployment);
  return {candidate, chip, std::move(deployment)};
}

// Chips are read one after the other, so that the facts stand in the same order always.
std::vector<Trial> trials_of(const Scenario& scenario, const core::Catalog& catalog) {
  std::vector<Trial> trials;
  for (const auto& candidate : scenario.candidates)
    trials.push_back(trial_of(scenario, candidate, chip::load(catalog, candidate.chip)));
  for (const auto& step : scenario.memory_steps)
    for (const auto& [name, chip] : variants_of(step, catalog)) trials.push_back(trial_of(scenario, step.base, chip));
  return trials;
}

// Has each kind of memory simulated once, before many trials ask for it at the same time.
void warm_memories(const std::vector<Trial>& trials, unsigned threads) {
  std::map<std::pair<std::string, int>, std::vector<const Trial*>> by_memory;
  for (const auto& trial : trials) by_memory[{trial.chip.memory.module, trial.chip.memory.count}].push_back(&trial);
  std::vector<std::vector<const Trial*>> groups;
  for (const auto& [memory, group] : by_memory) groups.push_back(group);
  core::Progress progress("Simulating memories", groups.size());
  core::parallel_for(groups.size(), threads, [&](std::size_t i) {
    for (const Trial* trial : groups[i]) model::StepTimer(trial->deployment)({1, 1024, {{1024, 0}}});
    progress.advance();
  });
}

// The same replica at lower loads: what shorter waits cost.
void draw_curve(const Plan& plan, const Trial& trial, const Traffic& traffic, Outcome& outcome) {
  constexpr std::array<double, 5> shares = {0.15, 0.35, 0.55, 0.75, 0.9};
  const auto point = [&](double rps, const serve::Result& run) {
    Outcome at = outcome;
    size_fleet(plan.scenario, plan.demand, plan.mean_output_tokens, trial.chip, rps, at);
    outcome.curve.push_back({rps, run.ttft.p99, run.tpot.p99, at.bill.usd_per_mtok});
  };
  for (const double share : shares) {
    const double rps = share * outcome.replica.max_rps;
    point(rps, serve::run(trial.deployment, plan.scenario.engine, traffic.at(rps, plan.scenario.search.min_requests)));
  }
  point(outcome.replica.max_rps, outcome.replica.at);
}

// A memory step asks only for the rate; a candidate also for what binds there.
Outcome try_one(const Plan& plan, const Trial& trial, const Traffic& traffic, bool with_gains) {
  Outcome outcome;
  outcome.candidate = trial.candidate;
  outcome.chip_title = trial.chip.title;
  outcome.price = trial.chip.price;
  outcome.replica = evaluate(trial.deployment, plan.scenario.engine, traffic, plan.scenario.slo, plan.scenario.search);
  if (!outcome.replica.meets) return outcome;
  size_fleet(plan.scenario, plan.demand, plan.mean_output_tokens, trial.chip, outcome.replica.max_rps, outcome);
  if (with_gains) {
    outcome.replica.gains = gains_of(trial.deployment, plan.scenario.engine, traffic, plan.scenario.slo,
                                     plan.scenario.search, outcome.replica.max_rps);
    outcome.replica.binds = what_binds(outcome.replica.gains);
  }
  return outcome;
}

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
