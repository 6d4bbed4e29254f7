#include "wordline/serve/decode_batch.h"

namespace wordline::serve {

DecodeBatch::DecodeBatch(std::size_t requests, std::int64_t block_tokens)
    : block_tokens_(block_tokens),
      bases_(requests),
      lasts_(requests),
      stamps_(requests),
      by_phase_(static_cast<std::size_t>(block_tokens)) {}

void DecodeBatch::join(Id id, std::int64_t from, std::int64_t context, std::int64_t last) {
  bases_[id] = context - from;
  lasts_[id] = last;
  base_sum_ += bases_[id];
  ++by_phase_[phase(bases_[id])];
  ++size_;
  ends_.push({last, id, stamps_[id]});
}

void DecodeBatch::leave(Id id) {
  base_sum_ -= bases_[id];
  --by_phase_[phase(bases_[id])];
  --size_;
  ++stamps_[id];
}

void DecodeBatch::take_finished(std::int64_t step, std::vector<Id>& finished) {
  while (!ends_.empty() && ends_.top().last <= step) {
    const End end = ends_.top();
    ends_.pop();
    if (end.stamp != stamps_[end.id]) continue;
    leave(end.id);
    finished.push_back(end.id);
  }
}

}  // namespace wordline::serve
