#include "wordline/plan/account.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "wordline/model/step_timer.h"

namespace wordline::plan {

namespace {

// Means over a run that describe its steps.
struct MeanStep {
  double prompts = 0, plain = 0;  // steps with prompts, and without
  model::StepShape with_prompt, without;
};

MeanStep mean_step(const serve::Result& run) {
  double context = 0, decoded = 0;
  for (const auto& served : run.served) {
    const double answers = served.output_tokens - 1;  // the first token comes with the prompt
    context += answers * served.prompt_tokens + answers * (answers + 1) / 2;
    decoded += answers;
  }
  MeanStep mean;
  const double steps = static_cast<double>(run.steps), requests = static_cast<double>(run.completed);
  mean.prompts = std::min(requests, steps);
  mean.plain = steps - mean.prompts;
  const double batch = decoded / steps;
  model::StepShape shape;
  shape.decode_sequences = std::max<std::int64_t>(std::llround(batch), decoded > 0 ? 1 : 0);
  shape.decode_context_tokens =
      decoded > 0 ? std::llround(context / decoded * static_cast<double>(shape.decode_sequences)) : 0;
  mean.without = mean.with_prompt = shape;
  const double prompts_each = requests / mean.prompts;
  const double length = static_cast<double>(run.total_input_tokens) / requests;
  for (std::int64_t i = 0; i < std::llround(std::max(1.0, prompts_each)); ++i)
    mean.with_prompt.prefill.push_back({std::max<std::int64_t>(1, std::llround(length)), 0});
  return mean;
}

// Adds `weight` times each line of a step to the account, by name.
void add(std::vector<AccountLine>& lines, std::vector<std::array<double, chip::bounds>>& bounds,
         const std::vector<model::StepTimer::Line>& step, double weight) {
  for (const auto& line : step) {
    const std::string& name = line.op.name();
    auto at = std::find_if(lines.begin(), lines.end(), [&](const AccountLine& l) { return l.name == name; });
    if (at == lines.end()) {
      at = lines.insert(lines.end(), AccountLine{name, {}, {}, ""});
      bounds.push_back({});
    }
    at->time += line.cost.time * weight;
    at->joules += line.cost.joules * weight;
    auto& by = bounds[static_cast<std::size_t>(at - lines.begin())];
    for (std::size_t i = 0; i < by.size(); ++i) by[i] += weight * line.cost.by_bound[i].value();
  }
}

}  // namespace

Account account_of(const model::Deployment& deployment, const serve::Result& run) {
  Account account;
  if (run.steps == 0 || run.total_output_tokens == 0) return account;
  const MeanStep mean = mean_step(run);
  model::StepTimer timer(deployment);
  std::vector<std::array<double, chip::bounds>> bounds;
  add(account.lines, bounds, timer.breakdown(mean.with_prompt), mean.prompts);
  if (mean.plain > 0 && mean.without.tokens() > 0)
    add(account.lines, bounds, timer.breakdown(mean.without), mean.plain);

  const double tokens = static_cast<double>(run.total_output_tokens);
  core::Seconds modelled;
  for (const auto& line : account.lines) modelled += line.time;
  const core::Seconds stepping = run.duration * run.utilization;
  const double scale = stepping / modelled / tokens;
  core::Joules spent;
  for (std::size_t i = 0; i < account.lines.size(); ++i) {
    auto& line = account.lines[i];
    line.time *= scale;
    line.joules *= scale;
    spent += line.joules;
    const auto most = std::max_element(bounds[i].begin(), bounds[i].end()) - bounds[i].begin();
    line.bound = chip::name_of(static_cast<chip::Bound>(most));
  }
  account.waiting = (run.duration - stepping) / tokens;
  account.waiting_joules = std::max(core::Joules(0), core::Joules(run.joules_per_output_token) - spent);
  return account;
}

}  // namespace wordline::plan
