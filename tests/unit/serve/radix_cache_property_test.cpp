// RadixCache, whose nodes are pieces of texts, against a tree of tokens: alike after every operation.
#include <gtest/gtest.h>

#include "plain_radix_cache.h"
#include "wordline/core/random.h"

namespace wordline::serve {
namespace {

class RadixPair {
 public:
  RadixPair(std::int64_t tokens, std::uint64_t seed) : fast_(tokens), plain_(tokens), random_(seed) {}

  void step() {
    const auto slot = static_cast<Slot>(random_.below(slots));
    Sequence& it = sequences_[slot];
    if (!it.open) return open(slot);
    if (!it.runs) return random_.below(8) == 0 ? close(slot) : admit(slot);
    switch (random_.below(5)) {
      case 0:
        return release(slot);
      case 1:
        return preempt(slot);
      case 2:
        return decode();
      default:
        return chunk(slot);
    }
  }

  void compare() {
    ASSERT_EQ(fast_.free(), plain_.free());
    ASSERT_EQ(fast_.evictable(), plain_.size(false));
    ASSERT_EQ(fast_.locked(), plain_.size(true));
    for (Slot slot = 0; slot < slots; ++slot) {  // as a policy that sorts by hits does
      const Sequence& it = sequences_[slot];
      if (!it.open || it.runs) continue;
      const std::int64_t hit = fast_.match(slot, it.known);
      ASSERT_EQ(hit, plain_.match(slot, it.known));
      hits_ += hit;
    }
  }

  void finish() {
    for (Slot slot = 0; slot < slots; ++slot) {
      if (sequences_[slot].runs) release(slot);
      if (sequences_[slot].open) close(slot);
    }
    EXPECT_EQ(fast_.free() + fast_.evictable(), fast_.total());
    EXPECT_EQ(fast_.locked(), 0);
  }

  std::int64_t hits() const { return hits_; }
  std::int64_t evicted() const { return fast_.evicted(); }

 private:
  static constexpr Slot slots = 6;
  struct Sequence {
    std::int64_t longest = 0, known = 0, computed = 0, inserted = 0;
    bool open = false, runs = false;
  };

  std::int64_t up_to(std::int64_t most) {
    return most < 1 ? 0 : static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most + 1)));
  }

  void open(Slot slot) {
    const std::int64_t most = fast_.total() / 2;
    Request request;
    request.prompt_tokens = static_cast<std::int32_t>(1 + up_to(most));
    request.output_tokens = static_cast<std::int32_t>(1 + up_to(most / 2));
    Sequence& it = sequences_[slot];
    it = {request.prompt_tokens + request.output_tokens, request.prompt_tokens, 0, 0, true, false};
    if (random_.below(4) > 0) {
      Content content;
      auto left = static_cast<std::int32_t>(random_.below(2) ? it.longest : it.known);
      while (left > 0) {
        const auto tokens = std::min(left, static_cast<std::int32_t>(random_.below(4) ? up_to(most) : left));
        content.push_back({random_.below(3), tokens});
        left -= tokens;
      }
      request.content = std::make_shared<const Content>(content);
    }
    fast_.open(slot, request);
    plain_.open(slot, request, it.longest);
  }

  void close(Slot slot) {
    fast_.close(slot);
    sequences_[slot].open = false;
  }

  bool take(std::int64_t tokens) {
    const bool taken = fast_.take(tokens);
    EXPECT_EQ(taken, plain_.take(tokens));
    return taken;
  }

  void admit(Slot slot) {
    Sequence& it = sequences_[slot];
    it.computed = it.inserted = fast_.match(slot, it.known);
    ASSERT_EQ(it.computed, plain_.match(slot, it.known));
    fast_.lock(slot);
    plain_.lock(slot);
    it.runs = true;
    chunk(slot);
    if (it.computed == it.inserted) preempt(slot);  // nothing was free
  }

  // Some tokens are computed, and in the tree or not yet.
  void chunk(Slot slot) {
    Sequence& it = sequences_[slot];
    const std::int64_t tokens = std::min<std::int64_t>(it.known - it.computed, 1 + up_to(it.known));
    if (!take(tokens)) return;
    it.computed += tokens;
    if (random_.below(4) == 0) return;
    fast_.insert(slot, it.computed);
    plain_.insert(slot, it.computed);
    it.inserted = it.computed;
  }

  // All whose prompts are computed get a token.
  void decode() {
    std::int64_t batch = 0;
    for (Sequence& it : sequences_) batch += it.runs && it.computed == it.known && it.computed + 1 < it.longest;
    if (!take(batch)) return;
    for (Sequence& it : sequences_)
      if (it.runs && it.computed == it.known && it.computed + 1 < it.longest) it.known = ++it.computed;
  }

  void release(Slot slot) {
    Sequence& it = sequences_[slot];
    fast_.release(slot, it.computed);
    plain_.release(slot, it.computed);
    it.runs = false;
    close(slot);
  }

  void preempt(Slot slot) {
    Sequence& it = sequences_[slot];
    fast_.preempt(slot, it.computed);
    plain_.preempt(slot, it.computed);
    it.runs = false;
    it.known = std::min(std::max(it.known, it.computed + 1), it.longest);
  }

  RadixCache fast_;
  PlainRadixCache plain_;
  core::Random random_;
  Sequence sequences_[slots];
  std::int64_t hits_ = 0;
};

TEST(RadixCacheProperty, LikeATreeOfTokens) {
  std::int64_t hits = 0, evicted = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    RadixPair pair(static_cast<std::int64_t>(4 + seed % 60), seed);
    for (int i = 0; i < 400; ++i) {
      pair.step();
      pair.compare();
      if (testing::Test::HasFailure()) {
        ADD_FAILURE() << "seed " << seed << ", operation " << i;
        return;
      }
    }
    pair.finish();
    hits += pair.hits();
    evicted += pair.evicted();
  }
  EXPECT_GT(hits, 10'000);
  EXPECT_GT(evicted, 10'000);
}

}  // namespace
}  // namespace wordline::serve
