// The sequences that get one token in every step, kept so that a step costs the same however many there are.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "wordline/serve/scheduler.h"

namespace wordline::serve {

// Steps are numbered. A member's computed context before step s is `base` + s as long as it stays, so sums need only be
// touched when one joins or leaves, and those that need another block in a step are the ones with the same base modulo
// the block size.
class DecodeBatch {
 public:
  DecodeBatch(std::size_t requests, std::int64_t block_tokens);

  // From step `from` on, with `context` computed tokens before it, up to and including step `last`.
  void join(Id id, std::int64_t from, std::int64_t context, std::int64_t last);
  void leave(Id id);
  // Takes those whose last step is `step` out and appends them to `finished`, in the order of their ids.
  void take_finished(std::int64_t step, std::vector<Id>& finished);

  std::int64_t size() const { return size_; }
  std::int64_t context_before(std::int64_t step) const { return base_sum_ + size_ * step; }
  std::int64_t context_before(std::int64_t step, Id id) const { return bases_[id] + step; }
  // Blocks that the members together need beyond those they hold, to compute one token each in this step.
  std::int64_t blocks_needed(std::int64_t step) const { return by_phase_[phase(-step)]; }
  std::int64_t last_step(Id id) const { return lasts_[id]; }

 private:
  std::size_t phase(std::int64_t base) const {
    return static_cast<std::size_t>((base % block_tokens_ + block_tokens_) % block_tokens_);
  }
  struct End {
    std::int64_t last;
    Id id;
    std::uint32_t stamp;
    bool operator>(const End& other) const { return last != other.last ? last > other.last : id > other.id; }
  };

  std::int64_t block_tokens_, size_ = 0, base_sum_ = 0;
  std::vector<std::int64_t> bases_, lasts_;
  std::vector<std::uint32_t> stamps_;  // raised when a member leaves: its entry in ends_ is void
  std::vector<std::int64_t> by_phase_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

}  // namespace wordline::serve
