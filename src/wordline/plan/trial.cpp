#include "wordline/plan/trial.h"

#include <array>
#include <map>

#include "wordline/core/parallel.h"
#include "wordline/core/progress.h"
#include "wordline/model/step_timer.h"
#include "wordline/serve/server.h"

namespace wordline::plan {

Trial trial_of(const Scenario& scenario, const Candidate& candidate, const chip::Chip& chip) {
  model::Deployment deployment{scenario.models[candidate.model], chip, candidate.tp, candidate.weights, candidate.kv};
  deployment.kv_block_tokens = serve::block_tokens(scenario.engine);
  model::check(deployment);
  return {candidate, chip, std::move(deployment)};
}

std::vector<Trial> trials_of(const Scenario& scenario, const core::Catalog& catalog) {
  std::vector<Trial> trials;
  for (const auto& candidate : scenario.candidates)
    trials.push_back(trial_of(scenario, candidate, chip::load(catalog, candidate.chip)));
  for (const auto& step : scenario.memory_steps)
    for (const auto& [name, chip] : variants_of(step, catalog)) trials.push_back(trial_of(scenario, step.base, chip));
  return trials;
}

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

Outcome try_one(const Plan& plan, const Trial& trial, const Traffic& traffic, bool with_gains) {
  Outcome outcome;
  outcome.candidate = trial.candidate;
  outcome.chip_title = trial.chip.title;
  outcome.price = trial.chip.price;
  const Scenario& scenario = plan.scenario;
  outcome.replica = evaluate(trial.deployment, scenario.engine, traffic, scenario.slo, scenario.search, with_gains);
  if (outcome.replica.meets)
    size_fleet(scenario, plan.demand, plan.mean_output_tokens, trial.chip, outcome.replica.max_rps, outcome);
  return outcome;
}

void draw_curve(const Plan& plan, const Trial& trial, const Traffic& traffic, Outcome& outcome) {
  constexpr std::array<double, 5> shares = {0.15, 0.35, 0.55, 0.75, 0.9};
  const auto point = [&](double rps, const serve::Result& run) {
    Outcome at = outcome;
    size_fleet(plan.scenario, plan.demand, plan.mean_output_tokens, trial.chip, rps, at);
    outcome.curve.push_back({rps, run.ttft.p99, run.tpot.p99, at.bill.usd_per_mtok});
  };
  const serve::Engine settings = serve::resolved(plan.scenario.engine, trial.deployment);
  serve::Runs runs(serve::server_of(trial.deployment, settings), settings,
                   [&](double rate, std::size_t count) { return traffic.at(rate, count); });
  for (const double share : shares) {
    const double rps = share * outcome.replica.max_rps;
    point(rps, runs.at(rps, plan.scenario.search.min_requests));
  }
  point(outcome.replica.max_rps, outcome.replica.at);
}

}  // namespace wordline::plan
