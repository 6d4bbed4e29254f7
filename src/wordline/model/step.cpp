#include "wordline/model/step.h"

#include <algorithm>

namespace wordline::model {

std::int64_t StepShape::tokens() const {
  std::int64_t n = decode_sequences * decode_queries;
  for (const auto& chunk : prefill) n += chunk.new_tokens;
  return n;
}

std::int64_t StepShape::prompt_tokens() const {
  std::int64_t n = 0;
  for (const auto& chunk : prefill) n += chunk.drafts ? 0 : chunk.new_tokens;
  return n;
}

std::int64_t StepShape::sequences() const { return decode_sequences + static_cast<std::int64_t>(prefill.size()); }

std::int64_t StepShape::logits_rows() const {
  std::int64_t n = decode_sequences * decode_rows;
  for (const auto& chunk : prefill) n += chunk.drafts ? chunk.new_tokens : 1;
  return n;
}

chip::Bound StepCost::bound() const {
  const auto largest = std::max_element(by_bound.begin(), by_bound.end());
  return static_cast<chip::Bound>(largest - by_bound.begin());
}

StepCost& StepCost::operator+=(const StepCost& other) {
  time += other.time;
  joules += other.joules;
  for (std::size_t i = 0; i < by_bound.size(); ++i) by_bound[i] += other.by_bound[i];
  return *this;
}

}  // namespace wordline::model
