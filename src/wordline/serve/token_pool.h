// Room for keys and values counted in tokens, as SGLang has it: a radix tree, or without one a mere count.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>

#include "wordline/serve/radix_cache.h"

namespace wordline::serve {

// What SGLang's scheduler asks of its RadixCache, or with disable_radix_cache of its ChunkCache, where nobody finds
// anything. The rules for slots are the RadixCache's.
class TokenPool {
 public:
  TokenPool(std::int64_t tokens, bool prefix_caching) : total_(tokens) {
    if (prefix_caching) tree_.emplace(tokens);
  }

  void open(Slot slot, const Request& request) {
    if (tree_) tree_->open(slot, request);
  }
  void close(Slot slot) {
    if (tree_) tree_->close(slot);
  }
  std::int64_t match(Slot slot, std::int64_t known) { return tree_ ? tree_->match(slot, known) : 0; }
  void lock(Slot slot) {
    if (tree_) tree_->lock(slot);
  }
  // Undoes lock(): `matched` is what match() said.
  void unlock(Slot slot, std::int64_t matched) {
    if (tree_) tree_->preempt(slot, matched);
  }
  // Throws std::logic_error where there is no room for so many: available() says whether there is.
  void take(std::int64_t tokens) {
    if (tokens > available() || (tree_ && !tree_->take(tokens))) throw std::logic_error("more tokens taken than fit");
    if (!tree_) taken_ += tokens;
  }
  void put_back(std::int64_t tokens) {
    taken_ -= tree_ ? 0 : tokens;
    if (tree_) tree_->put_back(tokens);
  }
  void insert(Slot slot, std::int64_t computed) {
    if (tree_) tree_->insert(slot, computed);
  }
  void release(Slot slot, std::int64_t computed) {
    taken_ -= tree_ ? 0 : computed;
    if (tree_) tree_->release(slot, computed);
  }
  void preempt(Slot slot, std::int64_t computed) {
    taken_ -= tree_ ? 0 : computed;
    if (tree_) tree_->preempt(slot, computed);
  }

  std::int64_t total() const { return total_; }
  // Free, or free as soon as something is evicted.
  std::int64_t available() const { return tree_ ? tree_->free() + tree_->evictable() : total_ - taken_; }

 private:
  std::int64_t total_, taken_ = 0;
  std::optional<RadixCache> tree_;
};

}  // namespace wordline::serve
