#include "wordline/model/step_timer.h"

namespace wordline::model {

namespace {

constexpr std::size_t remembered = 1 << 16;  // largest count that is remembered: 5 MB

// The cost of a count: remembered, or computed now.
template <class Compute>
StepCost look_up(std::vector<std::optional<StepCost>>& memory, std::int64_t count, Compute compute) {
  const auto index = static_cast<std::size_t>(count);
  if (index >= remembered) return compute();
  if (index >= memory.size()) memory.resize(index + 1);
  if (!memory[index]) memory[index] = compute();
  return *memory[index];
}

}  // namespace

StepTimer::StepTimer(Deployment deployment, core::Cache cache)
    : StepTimer(std::move(deployment), chip::simulated(std::move(cache))) {}

StepTimer::StepTimer(Deployment deployment, chip::Streams streams, chip::Residency residency)
    : deployment_(std::move(deployment)),
      groups_((check(deployment_), Groups(deployment_))),
      decode_(deployment_),
      kernels_(deployment_.chip, std::move(streams), residency) {}

StepCost StepTimer::sum_of(const std::vector<Op>& list) {
  StepCost out;
  for (const auto& op : list) out += cost_of(op, deployment_, groups_, kernels_);
  return out;
}

StepCost StepTimer::operator()(const StepShape& shape) {
  const std::int64_t tokens = shape.tokens(), rows = shape.logits_rows();
  if (tokens == 0) return {};
  StepCost out = look_up(by_tokens_, tokens, [&] { return sum_of(token_ops(deployment_, tokens)); });
  out += look_up(by_rows_, rows, [&] { return sum_of(logits_ops(deployment_, rows)); });
  if (!shape.prefill.empty()) out += sum_of(prefill_ops(deployment_, shape.prefill));
  if (shape.decode_sequences > 0) out += sum_of(decode_.at(shape.decode_sequences, shape.decode_context_tokens));
  return out;
}

std::vector<StepTimer::Line> StepTimer::breakdown(const StepShape& shape) {
  std::vector<Line> out;
  for (const auto& op : ops(deployment_, shape)) out.push_back({op, cost_of(op, deployment_, groups_, kernels_)});
  return out;
}

}  // namespace wordline::model
