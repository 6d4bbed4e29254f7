// The sequences that get one token in every step, kept so that a step costs the same however many there are.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "wordline/serve/slot.h"

namespace wordline::serve {

// Steps are numbered. A member's computed context before step s is `base` + s as long as it stays, so sums need only be
// touched when one joins or leaves, and those that need another block in a step are the ones with the same base modulo
// the block size.
class DecodeBatch {
 public:
  explicit DecodeBatch(std::int64_t block_tokens);

  // From step `from` on, with `context` computed tokens before it, up to and including step `last`. Members end in the
  // order of `rank` where they end with the same step.
  void join(Slot slot, std::uint64_t rank, std::int64_t from, std::int64_t context, std::int64_t last);
  void leave(Slot slot);
  // Takes those whose last step is `step` out and appends them to `finished`.
  void take_finished(std::int64_t step, std::vector<Slot>& finished);

  std::int64_t size() const { return size_; }
  std::int64_t context_before(std::int64_t step) const { return base_sum_ + size_ * step; }
  std::int64_t context_before(std::int64_t step, Slot slot) const { return members_[slot].base + step; }
  // Blocks that the members together need beyond those they hold, to compute one token each in this step.
  std::int64_t blocks_needed(std::int64_t step) const { return by_phase_[phase(-step)]; }
  // How many steps from `step` on, `most` at most, find their blocks among so many free ones.
  std::int64_t steps_with(std::int64_t free_blocks, std::int64_t step, std::int64_t most) const;
  std::int64_t last_step(Slot slot) const { return members_[slot].last; }
  // The last step of the member that ends first; there must be one.
  std::int64_t first_last_step();

 private:
  std::size_t phase(std::int64_t base) const {
    return static_cast<std::size_t>((base % block_tokens_ + block_tokens_) % block_tokens_);
  }
  struct Member {
    std::int64_t base = 0, last = 0;
    std::uint32_t stamp = 0;  // raised when it leaves: its entry in ends_ is void
  };
  struct End {
    std::int64_t last;
    std::uint64_t rank;
    Slot slot;
    std::uint32_t stamp;
    bool operator>(const End& other) const { return last != other.last ? last > other.last : rank > other.rank; }
  };
  void drop_void_ends();

  std::int64_t block_tokens_, size_ = 0, base_sum_ = 0;
  std::vector<Member> members_;
  std::vector<std::int64_t> by_phase_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

}  // namespace wordline::serve
