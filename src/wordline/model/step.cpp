#include "wordline/model/step.h"

#include <algorithm>

namespace wordline::model {

std::int64_t StepShape::tokens() const {
  std::int64_t n = decode_sequences;
  for (const auto& chunk : prefill) n += chunk.new_tokens;
  return n;
}

std::int64_t StepShape::logits_rows() const { return decode_sequences + static_cast<std::int64_t>(prefill.size()); }

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
