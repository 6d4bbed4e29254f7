#include "wordline/model/step_timer.h"

namespace wordline::model {

namespace {

constexpr std::size_t remembered = 1 << 16;   // largest count that is remembered: 5 MB
constexpr std::int64_t few = 4;               // the same context of more sequences hardly comes twice
constexpr std::int64_t few_drafts = 1 << 16;  // more than a sequence has queries

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
      joint_(joint_attention(deployment_)),
      kernels_(deployment_.chip, std::move(streams), residency) {}

StepCost StepTimer::sum_of(const std::vector<Op>& list) {
  StepCost out;
  for (const auto& op : list) out += cost_of(op, deployment_, groups_, kernels_);
  return out;
}

StepCost StepTimer::around(std::int64_t tokens, std::int64_t rows) {
  StepCost out = look_up(by_tokens_, tokens, [&] { return sum_of(token_ops(deployment_, tokens)); });
  return out += look_up(by_rows_, rows, [&] { return sum_of(logits_ops(deployment_, rows)); });
}

StepCost StepTimer::decoding(const Decoding& of) { return of.sequences > 0 ? sum_of(decode_.at(of)) : StepCost{}; }

StepCost StepTimer::prefilling(const std::vector<PrefillChunk>& chunks) {
  const auto compute = [&] { return sum_of(prefill_ops(deployment_, chunks)); };
  if (chunks.size() > 1) return compute();
  return by_chunk_.look_up(chunks.front().context_tokens, chunks.front().new_tokens, compute);
}

StepCost StepTimer::operator()(const StepShape& shape) {
  const std::int64_t rows = shape.logits_rows();
  if (shape.tokens() == 0) return {};
  const std::int64_t tokens = shape.tokens() + shape.padding;
  const Decoding of = decoding_of(shape);
  if (shape.prefill.empty() && of.sequences <= few && shape.padding == 0)
    return by_context_.look_up(of.sequences + (few + 1) * (of.queries - 1 + few_drafts * (shape.decode_rows - 1)),
                               of.context_tokens, [&] { return around(tokens, rows) += decoding(of); });
  StepCost out = around(tokens, rows);
  if (of.sequences > 0 && !shape.prefill.empty() && joint_)
    return out += sum_of(prefill_ops(deployment_, shape.prefill, of));
  if (!shape.prefill.empty()) out += prefilling(shape.prefill);
  out += decoding(of);
  return out;
}

std::vector<StepTimer::Line> StepTimer::breakdown(const StepShape& shape) {
  std::vector<Line> out;
  for (const auto& op : ops(deployment_, shape)) out.push_back({op, cost_of(op, deployment_, groups_, kernels_)});
  return out;
}

}  // namespace wordline::model
