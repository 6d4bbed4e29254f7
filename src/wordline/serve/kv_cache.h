// The KV cache of one replica with prefix caching, as vLLM V1 manages its blocks, but without block numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "wordline/serve/block_list.h"
#include "wordline/serve/host_tier.h"

namespace wordline::serve {

// What a cache consists of.
struct KvCacheSpec {
  std::int64_t blocks = 0;  // on the chip, without vLLM's null block
  std::int64_t block_tokens = 16;
  bool prefix_caching = true;    // without it blocks are only counted
  std::int64_t host_blocks = 0;  // of a second tier in the host's memory; 0: none
};

// Of a request's tokens, the blocks that need not be computed: full ones, from its first on, short of its last token.
struct Hit {
  std::int64_t chip = 0;  // in the cache
  std::int64_t host = 0;  // after them, in the host's memory: to be fetched into new blocks
  std::int64_t blocks() const { return chip + host; }
  bool operator==(const Hit&) const = default;
};

// What has happened so far, in tokens where it does not say blocks. `queries`, `hits`, `preempted_queries` and
// `preempted_hits` are those of vLLM's PrefixCacheStats, each admission counted once: by its first admission, and by
// those after preemptions.
struct CacheCounts {
  std::int64_t queries = 0, hits = 0;
  std::int64_t preempted_queries = 0, preempted_hits = 0;
  std::int64_t host_hits = 0;       // fetched from the host, not among `hits`
  std::int64_t evicted_blocks = 0;  // that held contents, whether anyone would have asked for them or not
  bool operator==(const CacheCounts&) const = default;
};

// Blocks of tokens of requests. A block is shareable where the request's content covers it: then whoever begins alike
// finds it. Any other is private: only the request itself finds it again, after a preemption. Free blocks keep their
// contents and stand in a queue in the order in which they became free, a request's last block first; taking one takes
// the first in the queue. Which rules are vLLM 0.19.0's (vllm/v1/core/block_pool.py, kv_cache_manager.py) and which are
// ours: docs/decisions/0016-kv-cache-without-block-numbers.md.
//
// A slot is open()ed, admit()ted, perhaps preempt()ed and admitted again, release()d, then close()d; or closed while it
// waits. Anything else is a std::logic_error, as is taking more blocks than are free where no bool is returned.
class KvCache {
 public:
  // Throws std::logic_error where a number in `spec` is not above 0 (blocks, block_tokens) or is below it.
  explicit KvCache(const KvCacheSpec& spec);

  void open(Slot slot, const Request& request);
  void close(Slot slot);

  // What an admission would find now, of `known` tokens: the prompt's and those given so far. After a preemption at
  // least one more is known than had been computed.
  Hit find(Slot slot, std::int64_t known) const;
  // The same in tokens: as many need not be computed.
  std::int64_t cached_tokens(Slot slot, std::int64_t known) const { return find(slot, known).blocks() * block_tokens_; }
  // The same of a request that has no slot, before anything is computed; `free_slot` is one that nobody has.
  std::int64_t cached_tokens(Slot free_slot, const Request& request);
  // Whether an admission could hold the first `tokens` of `known` tokens now. Hits that are free count as needed. With
  // tokens = known, vLLM's scheduler_reserve_full_isl.
  bool fits(Slot slot, std::int64_t known, std::int64_t tokens) const;
  // Takes the hits and whatever else the first `tokens` tokens (hits included, at most `known`) need; nothing, and the
  // answer is no hit, where that does not fit.
  // Unless it may `publish`, nobody finds those that become full before it grows: they are still to be fetched.
  std::optional<Hit> admit(Slot slot, std::int64_t known, std::int64_t tokens, bool publish = true);
  // Holds blocks for `tokens` computed tokens, and `ahead` more that may turn out to be others, from now on; false, and
  // nothing is taken, where too few are free. Blocks that become full of the former are found by others at once, as
  // vLLM caches them when they are scheduled.
  [[nodiscard]] bool grow(Slot slot, std::int64_t tokens, std::int64_t ahead = 0);
  // Blocks that grow() would take.
  std::int64_t growth(Slot slot, std::int64_t tokens) const;
  // Takes blocks for admitted requests together, without saying for whom: each says so itself, by its number of
  // computed tokens, when it gives its blocks back. Only then others find what became full in them.
  void take(std::int64_t blocks);
  // Gives back the blocks of `computed` tokens of a request that has ended.
  void release(Slot slot, std::int64_t computed) { give_back(slot, computed, false); }
  // Gives back the blocks of `computed` tokens of a request that will be admitted again.
  void preempt(Slot slot, std::int64_t computed) { give_back(slot, computed, true); }

  // Blocks that hold `tokens` tokens.
  std::int64_t needed(std::int64_t tokens) const { return (tokens + block_tokens_ - 1) / block_tokens_; }
  std::int64_t block_tokens() const { return block_tokens_; }
  std::int64_t total() const { return total_; }
  std::int64_t free() const { return free_; }
  std::int64_t used() const { return total_ - free_; }
  const CacheCounts& counts() const { return counts_; }
  const HostTier* host() const { return host_ ? &*host_ : nullptr; }

 private:
  // What a slot holds, and what it left in the queue.
  struct Holder {
    std::vector<std::uint64_t> hashes;  // of its shareable blocks
    std::vector<Node> blocks;           // of those it holds that others can find, from its first on
    std::int64_t held = 0;              // all its blocks but those that take() took
    Node run = no_node;                 // its private blocks in the queue
    mutable std::uint32_t found = 0;    // shareable blocks found when it last looked
    bool open = false, admitted = false, preempted = false;
  };

  std::size_t find_shareable(const Holder& holder, std::size_t limit) const;
  std::int64_t new_blocks(const Hit& hit, std::int64_t tokens) const;
  bool fits(const Holder& holder, const Hit& hit, std::int64_t tokens) const;
  void pop(std::int64_t blocks);
  void pop_block(Node node);
  void pop_run(Node node, std::int64_t& blocks);
  void touch(Holder& holder, std::int64_t blocks);
  void publish(Holder& holder, std::int64_t tokens);
  void give_back(Slot slot, std::int64_t computed, bool again);
  void disown(Holder& holder);
  const Holder& holder(Slot slot, bool admitted) const;
  Holder& holder(Slot slot, bool admitted) { return const_cast<Holder&>(std::as_const(*this).holder(slot, admitted)); }

  std::int64_t block_tokens_, total_, free_;
  std::int64_t taken_ = 0;  // by take(), of requests that have not yet said so
  bool caching_;
  std::vector<Holder> holders_;
  BlockList list_;    // the queue of the free
  BlockTable table_;  // the first block with each hash
  std::optional<HostTier> host_;
  CacheCounts counts_;
};

}  // namespace wordline::serve
