// The KV cache of one replica, counted in blocks: without token ids it does not matter which block is whose.
#pragma once

#include <cstdint>
#include <stdexcept>

namespace wordline::serve {

// A fixed number of blocks; taking more than are free, or giving back more than were taken, is a logic error.
class BlockPool {
 public:
  BlockPool(std::int64_t blocks, std::int64_t block_tokens)
      : total_(blocks), free_(blocks), block_tokens_(block_tokens) {}

  // Blocks that hold `tokens` tokens.
  std::int64_t needed(std::int64_t tokens) const { return (tokens + block_tokens_ - 1) / block_tokens_; }
  void take(std::int64_t blocks) {
    if (blocks > free_) throw std::logic_error("more KV blocks taken than are free");
    free_ -= blocks;
  }
  void give(std::int64_t blocks) {
    free_ += blocks;
    if (free_ > total_) throw std::logic_error("more KV blocks given back than were taken");
  }
  std::int64_t free() const { return free_; }
  std::int64_t total() const { return total_; }
  std::int64_t used() const { return total_ - free_; }

 private:
  std::int64_t total_, free_, block_tokens_;
};

}  // namespace wordline::serve
