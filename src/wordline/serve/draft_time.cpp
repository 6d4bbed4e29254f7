#include "wordline/serve/draft_time.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace wordline::serve {

std::vector<model::StepShape> draft_passes(const model::StepShape& shape, std::int32_t drafts, double accepted) {
  std::vector<model::StepShape> out;
  model::StepShape first = shape;
  ++first.decode_queries;
  first.decode_rows = 1;
  // Tokens of all sequences that stay: computed and verified.
  double context = static_cast<double>(shape.decode_context_tokens) +
                   static_cast<double>(shape.decode_sequences) * (1 + (shape.decode_queries > 1 ? accepted : 0));
  for (auto& chunk : first.prefill) {
    const auto tokens = static_cast<double>(chunk.new_tokens);
    context += static_cast<double>(chunk.context_tokens) + (chunk.drafts ? std::min(tokens, 1 + accepted) : tokens);
    ++chunk.new_tokens;
    chunk.drafts = false;
  }
  out.push_back(std::move(first));
  const std::int64_t sequences = shape.sequences();
  for (std::int64_t i = 1; i < drafts; ++i) out.push_back({sequences, std::llround(context) + i * sequences, {}});
  return out;
}

StepTime with_draft(StepTime target, StepTime draft, std::int32_t drafts, double accepted,
                    std::function<std::int64_t(std::int64_t tokens)> padding) {
  return [=](const model::StepShape& shape) {
    model::StepCost cost = target(shape);
    for (model::StepShape& pass : draft_passes(shape, drafts, accepted)) {
      pass.padding = padding(pass.tokens());
      cost += draft(pass);
    }
    return cost;
  };
}

}  // namespace wordline::serve
