#include "wordline/serve/decode_batch.h"

#include <algorithm>

namespace wordline::serve {

DecodeBatch::DecodeBatch(std::int64_t block_tokens)
    : block_tokens_(block_tokens), by_phase_(static_cast<std::size_t>(block_tokens)) {}

void DecodeBatch::join(Slot slot, std::uint64_t rank, std::int64_t from, std::int64_t context, std::int64_t last) {
  if (slot >= members_.size()) members_.resize(slot + 1);
  Member& member = members_[slot];
  member.base = context - from;
  member.last = last;
  base_sum_ += member.base;
  ++by_phase_[phase(member.base)];
  ++size_;
  ends_.push({last, rank, slot, member.stamp});
}

void DecodeBatch::leave(Slot slot) {
  Member& member = members_[slot];
  base_sum_ -= member.base;
  --by_phase_[phase(member.base)];
  --size_;
  ++member.stamp;
}

void DecodeBatch::drop_void_ends() {
  while (!ends_.empty() && ends_.top().stamp != members_[ends_.top().slot].stamp) ends_.pop();
}

void DecodeBatch::take_finished(std::int64_t step, std::vector<Slot>& finished) {
  for (drop_void_ends(); !ends_.empty() && ends_.top().last <= step; drop_void_ends()) {
    const Slot slot = ends_.top().slot;
    ends_.pop();
    leave(slot);
    finished.push_back(slot);
  }
}

std::int64_t DecodeBatch::first_last_step() {
  drop_void_ends();
  return ends_.top().last;
}

std::int64_t DecodeBatch::steps_with(std::int64_t free_blocks, std::int64_t step, std::int64_t most) const {
  if (size_ == 0) return most;
  const std::int64_t rounds = free_blocks / size_;  // in block_tokens steps each member takes one block
  if (rounds * block_tokens_ >= most) return most;
  std::int64_t steps = rounds * block_tokens_;
  free_blocks -= rounds * size_;
  while (steps < most && (free_blocks -= blocks_needed(step + steps)) >= 0) ++steps;
  return steps;
}

}  // namespace wordline::serve
