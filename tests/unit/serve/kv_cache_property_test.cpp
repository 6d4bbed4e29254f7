// KvCache, which keeps private blocks as counts, against numbered blocks: alike after every operation.
#include <gtest/gtest.h>

#include "plain_kv_cache.h"
#include "wordline/core/random.h"

namespace wordline::serve {
namespace {

// Drives both with random requests of a few texts on a few slots.
class Pair {
 public:
  Pair(const KvCacheSpec& spec, std::uint64_t seed) : spec_(spec), fast_(spec), plain_(spec), random_(seed) {}

  void step() {
    const auto slot = static_cast<Slot>(random_.below(slots));
    Sequence& it = sequences_[slot];
    if (!it.open)
      open(slot);
    else if (!it.admitted)
      random_.below(8) == 0 ? close(slot) : admit(slot);
    else
      switch (random_.below(5)) {
        case 0:
          return give_back(slot, false);
        case 1:
          return give_back(slot, true);
        case 2:
          return decode();
        default:
          return grow(slot);
      }
  }

  void finish() {
    for (Slot slot = 0; slot < slots; ++slot) {
      if (sequences_[slot].admitted) give_back(slot, false);
      if (sequences_[slot].open) close(slot);
    }
    EXPECT_EQ(fast_.used(), 0);
  }

  void compare() const {
    ASSERT_EQ(fast_.free(), plain_.free());
    ASSERT_EQ(fast_.counts(), plain_.counts());
    ASSERT_EQ(fast_.host() ? fast_.host()->used() : 0, plain_.host_used());
    ASSERT_EQ(fast_.host() ? fast_.host()->stored() : 0, plain_.host_stored());
    for (Slot slot = 0; slot < slots; ++slot) {
      const Sequence& it = sequences_[slot];
      if (!it.open || it.admitted) continue;
      ASSERT_EQ(fast_.find(slot, it.known), plain_.find(slot, it.known));
      ASSERT_EQ(fast_.fits(slot, it.known, it.known), plain_.fits(slot, it.known, it.known));
    }
  }

  CacheCounts counts() const { return fast_.counts(); }

 private:
  static constexpr Slot slots = 6;
  struct Sequence {
    std::int64_t longest = 0, known = 0, computed = 0;
    bool open = false, admitted = false;
  };

  std::int64_t up_to(std::int64_t most) {
    return most < 1 ? 0 : static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most + 1)));
  }

  void open(Slot slot) {
    const std::int64_t most = std::max<std::int64_t>(1, spec_.blocks * spec_.block_tokens);
    Request request;
    request.prompt_tokens = static_cast<std::int32_t>(1 + up_to(most));
    request.output_tokens = static_cast<std::int32_t>(1 + up_to(most / 2));
    Sequence& it = sequences_[slot];
    it = {request.prompt_tokens + request.output_tokens, request.prompt_tokens, 0, true, false};
    if (random_.below(4) > 0) {
      Content content;
      auto left = static_cast<std::int32_t>(random_.below(2) ? it.longest : it.known);
      while (left > 0) {
        const auto tokens = std::min(left, static_cast<std::int32_t>(random_.below(4) ? 1 + up_to(most) : left));
        content.push_back({random_.below(3), tokens});
        left -= tokens;
      }
      request.content = std::make_shared<const Content>(content);
    }
    fast_.open(slot, request);
    plain_.open(slot, request, it.longest);
  }

  void admit(Slot slot) {
    Sequence& it = sequences_[slot];
    const std::int64_t hits = fast_.cached_tokens(slot, it.known);
    const std::int64_t tokens = hits + 1 + up_to(it.known - hits - 1);
    ASSERT_EQ(fast_.fits(slot, it.known, tokens), plain_.fits(slot, it.known, tokens));
    const auto hit = fast_.admit(slot, it.known, tokens);
    ASSERT_EQ(hit, plain_.admit(slot, it.known, tokens));
    if (!hit) return;
    it.admitted = true;
    it.computed = tokens;
  }

  void grow(Slot slot) {
    Sequence& it = sequences_[slot];
    if (it.computed == it.known) return;  // it decodes
    const std::int64_t tokens = it.computed + up_to(it.known - it.computed);
    const bool grown = fast_.grow(slot, tokens);
    ASSERT_EQ(grown, plain_.grow(slot, tokens));
    if (grown) it.computed = tokens;
  }

  // All that are computed get some tokens, and their blocks are taken together.
  void decode() {
    std::vector<std::pair<Slot, std::int64_t>> batch;
    std::int64_t blocks = 0;
    for (Slot slot = 0; slot < slots; ++slot) {
      const Sequence& it = sequences_[slot];
      if (!it.admitted || it.computed < it.known) continue;
      const std::int64_t tokens = it.computed + up_to(it.longest - 1 - it.computed);
      batch.emplace_back(slot, tokens);
      blocks += plain_.missing(slot, tokens);
    }
    if (blocks > fast_.free()) return;
    fast_.take(blocks);
    for (const auto& [slot, tokens] : batch) {
      plain_.allocate(slot, tokens);
      sequences_[slot].computed = sequences_[slot].known = tokens;
    }
  }

  void give_back(Slot slot, bool again) {
    Sequence& it = sequences_[slot];
    again = again && it.computed + 1 < it.longest;  // or it has ended
    if (again)
      fast_.preempt(slot, it.computed);
    else
      fast_.release(slot, it.computed);
    plain_.give_back(slot, it.computed, again);
    it.admitted = false;
    it.known = std::max(it.known, it.computed + 1);
    if (!again) close(slot);
  }

  void close(Slot slot) {
    fast_.close(slot);
    sequences_[slot].open = false;
  }

  KvCacheSpec spec_;
  KvCache fast_;
  PlainKvCache plain_;
  core::Random random_;
  Sequence sequences_[slots];
};

// The sum of what happened, so that a test can tell that it did.
CacheCounts compare_all(bool prefix_caching, bool host) {
  CacheCounts sum;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    core::Random random(seed);
    KvCacheSpec spec;
    spec.block_tokens = static_cast<std::int64_t>(1 + seed % 8);
    spec.blocks = static_cast<std::int64_t>(2 + random.below(30));
    spec.prefix_caching = prefix_caching;
    spec.host_blocks = host ? static_cast<std::int64_t>(1 + random.below(40)) : 0;
    Pair pair(spec, seed);
    for (int i = 0; i < 400; ++i) {
      pair.step();
      pair.compare();
      if (testing::Test::HasFatalFailure()) {
        ADD_FAILURE() << "seed " << seed << ", operation " << i;
        return sum;
      }
    }
    pair.finish();
    sum.hits += pair.counts().hits;
    sum.preempted_hits += pair.counts().preempted_hits;
    sum.host_hits += pair.counts().host_hits;
    sum.evicted_blocks += pair.counts().evicted_blocks;
  }
  return sum;
}

TEST(KvCacheProperty, LikeNumberedBlocks) {
  const CacheCounts sum = compare_all(true, false);
  EXPECT_GT(sum.hits, 1000);
  EXPECT_GT(sum.preempted_hits, 1000);
  EXPECT_GT(sum.evicted_blocks, 1000);
}

TEST(KvCacheProperty, LikeNumberedBlocksWithAHostTier) {
  const CacheCounts sum = compare_all(true, true);
  EXPECT_GT(sum.hits, 1000);
  EXPECT_GT(sum.host_hits, 1000);
}

TEST(KvCacheProperty, LikeNumberedBlocksWithoutPrefixCaching) { EXPECT_EQ(compare_all(false, true), CacheCounts{}); }

}  // namespace
}  // namespace wordline::serve
