// vLLM V1's block pool, block by block (vllm/v1/core/block_pool.py, kv_cache_manager.py of 0.19.0) and its offloading
// to host memory, with tokens and numbered blocks: what KvCache and HostTier must come to without either.
#pragma once

#include <algorithm>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "wordline/serve/kv_cache.h"

namespace wordline::serve {

// A token is a text's name and a place in it; a request's own tokens are of a text that no other has.
using Token = std::pair<std::uint64_t, std::int64_t>;

class PlainKvCache {
 public:
  explicit PlainKvCache(const KvCacheSpec& spec) : spec_(spec), blocks_(static_cast<std::size_t>(spec.blocks)) {
    for (std::size_t i = 0; i < blocks_.size(); ++i) queue_.push_back(i);
  }

  // A request that will have at most `tokens` tokens.
  void open(Slot slot, const Request& request, std::int64_t tokens) {
    Sequence sequence;
    if (request.content)
      for (const Piece& piece : *request.content)
        for (std::int64_t i = 0; i < piece.tokens; ++i) sequence.tokens.emplace_back(piece.text, i);
    sequence.shareable = std::ssize(sequence.tokens) / spec_.block_tokens;
    ++opened_;
    while (std::ssize(sequence.tokens) < tokens) sequence.tokens.emplace_back(~opened_, std::ssize(sequence.tokens));
    int parent = -1;
    for (std::int64_t end = spec_.block_tokens; end <= std::ssize(sequence.tokens); end += spec_.block_tokens) {
      const std::vector<Token> block(sequence.tokens.begin() + (end - spec_.block_tokens),
                                     sequence.tokens.begin() + end);
      parent = hashes_.try_emplace({parent, block}, static_cast<int>(hashes_.size())).first->second;
      sequence.hashes.push_back(parent);
    }
    sequences_[slot] = sequence;
  }

  Hit find(Slot slot, std::int64_t known) const {
    Hit hit;
    if (!spec_.prefix_caching) return hit;
    const Sequence& sequence = sequences_.at(slot);
    const std::int64_t limit = (known - 1) / spec_.block_tokens;
    while (hit.chip < limit && cached_.contains(sequence.hashes[hit.chip])) ++hit.chip;
    while (hit.blocks() < limit && on_host(sequence.hashes[hit.blocks()])) ++hit.host;
    return hit;
  }

  bool fits(Slot slot, std::int64_t known, std::int64_t tokens) const {
    const Hit hit = find(slot, known);
    std::int64_t need = needed(tokens) - hit.chip;
    for (std::int64_t i = 0; i < hit.chip; ++i) need += blocks_[first(sequences_.at(slot).hashes[i])].users == 0;
    return need <= free();
  }

  std::optional<Hit> admit(Slot slot, std::int64_t known, std::int64_t tokens) {
    if (!fits(slot, known, tokens)) return std::nullopt;
    const Hit hit = find(slot, known);
    Sequence& sequence = sequences_[slot];
    for (std::int64_t i = 0; i < hit.chip; ++i) {
      const std::size_t block = first(sequence.hashes[i]);
      if (blocks_[block].users++ == 0) queue_.remove(block);
      sequence.blocks.push_back(block);
    }
    sequence.cached = hit.chip;
    allocate(slot, tokens);
    cache(slot, tokens);
    for (std::int64_t i = known / spec_.block_tokens; i-- > 0;)
      if (on_host(sequence.hashes[i])) use_on_host(sequence.hashes[i]);
    (sequence.preempted ? counts_.preempted_queries : counts_.queries) += known;
    (sequence.preempted ? counts_.preempted_hits : counts_.hits) += hit.chip * spec_.block_tokens;
    counts_.host_hits += hit.host * spec_.block_tokens;
    return hit;
  }

  bool grow(Slot slot, std::int64_t tokens) {
    if (missing(slot, tokens) > free()) return false;
    allocate(slot, tokens);
    cache(slot, tokens);
    return true;
  }

  // Blocks that the request lacks to hold so many tokens.
  std::int64_t missing(Slot slot, std::int64_t tokens) const {
    return std::max<std::int64_t>(0, needed(tokens) - std::ssize(sequences_.at(slot).blocks));
  }
  void allocate(Slot slot, std::int64_t tokens) {
    for (std::int64_t n = missing(slot, tokens); n > 0; --n) sequences_[slot].blocks.push_back(pop());
  }

  void give_back(Slot slot, std::int64_t computed, bool again) {
    cache(slot, computed);
    Sequence& sequence = sequences_[slot];
    for (auto it = sequence.blocks.rbegin(); it != sequence.blocks.rend(); ++it)
      if (--blocks_[*it].users == 0) queue_.push_back(*it);
    sequence.blocks.clear();
    sequence.cached = 0;
    sequence.preempted = again;
    if (!spec_.prefix_caching || spec_.host_blocks == 0) return;
    const std::int64_t full = computed / spec_.block_tokens;
    // Private blocks are used together, also those that were computed before it was preempted and not yet again.
    for (std::int64_t i = full > sequence.shareable ? std::ssize(sequence.hashes) : full; i-- > 0;) {
      if (i >= full && !on_host(sequence.hashes[i])) continue;
      if (!on_host(sequence.hashes[i])) ++stored_;
      use_on_host(sequence.hashes[i]);
    }
    while (std::ssize(host_) > spec_.host_blocks) host_.pop_front();
  }

  std::int64_t free() const { return std::ssize(queue_); }
  const CacheCounts& counts() const { return counts_; }
  std::int64_t host_used() const { return std::ssize(host_); }
  std::int64_t host_stored() const { return stored_; }

 private:
  struct Block {
    int hash = -1;
    int users = 0;
  };
  struct Sequence {
    std::vector<Token> tokens;
    std::vector<int> hashes;
    std::vector<std::size_t> blocks;
    std::int64_t shareable = 0;
    std::int64_t cached = 0;  // of its blocks, from the first on
    bool preempted = false;
  };

  std::int64_t needed(std::int64_t tokens) const { return (tokens + spec_.block_tokens - 1) / spec_.block_tokens; }
  std::size_t first(int hash) const { return cached_.at(hash).front(); }
  bool on_host(int hash) const { return std::find(host_.begin(), host_.end(), hash) != host_.end(); }
  void use_on_host(int hash) {
    host_.remove(hash);
    host_.push_back(hash);
  }

  std::size_t pop() {
    const std::size_t block = queue_.front();
    queue_.pop_front();
    const int hash = std::exchange(blocks_[block].hash, -1);
    if (hash >= 0) {
      auto& same = cached_[hash];
      same.remove(block);
      if (same.empty()) cached_.erase(hash);
      ++counts_.evicted_blocks;
    }
    blocks_[block].users = 1;
    return block;
  }

  void cache(Slot slot, std::int64_t tokens) {
    Sequence& sequence = sequences_[slot];
    if (!spec_.prefix_caching) return;
    for (; sequence.cached < tokens / spec_.block_tokens; ++sequence.cached) {
      const int hash = sequence.hashes[sequence.cached];
      const std::size_t block = sequence.blocks[sequence.cached];
      blocks_[block].hash = hash;
      cached_[hash].push_back(block);
    }
  }

  KvCacheSpec spec_;
  std::vector<Block> blocks_;
  std::list<std::size_t> queue_;
  std::map<int, std::list<std::size_t>> cached_;  // blocks by hash, in the order in which they were cached
  std::map<std::pair<int, std::vector<Token>>, int> hashes_;
  std::map<Slot, Sequence> sequences_;
  std::list<int> host_;  // hashes, the least recently used first
  std::uint64_t opened_ = 0;
  std::int64_t stored_ = 0;
  CacheCounts counts_;
};

}  // namespace wordline::serve
