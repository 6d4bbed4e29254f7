// KV caches on cases that can be followed by hand.
#include "wordline/serve/kv_cache.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "wordline/serve/radix_cache.h"

namespace wordline::serve {
namespace {

Request of(Content content, std::int32_t output = 1) {
  Request request;
  request.prompt_tokens = 0;
  for (const Piece& piece : content) request.prompt_tokens += piece.tokens;
  request.output_tokens = output;
  request.content = std::make_shared<const Content>(std::move(content));
  return request;
}

Request of_its_own(std::int32_t prompt) { return {{}, prompt, 1}; }

// Computes a request's prompt and ends it; returns what it found.
Hit serve(KvCache& cache, Slot slot, const Request& request) {
  cache.open(slot, request);
  const auto hit = cache.admit(slot, request.prompt_tokens, request.prompt_tokens);
  if (!hit) throw std::runtime_error("does not fit");
  cache.release(slot, request.prompt_tokens);
  cache.close(slot);
  return *hit;
}

std::vector<std::uint64_t> hashes(const Content& content, std::int64_t block_tokens) {
  std::vector<std::uint64_t> out;
  block_hashes(content, block_tokens, out);
  return out;
}

TEST(BlockHashes, DependOnAllTokensUpToTheirEnd) {
  const auto one = hashes({{1, 8}, {2, 8}}, 4), other = hashes({{1, 10}, {2, 6}}, 4);
  ASSERT_EQ(one.size(), 4u);
  EXPECT_EQ(one[0], other[0]);
  EXPECT_EQ(one[1], other[1]);
  EXPECT_NE(one[2], other[2]);
  EXPECT_NE(one[3], other[3]);
  EXPECT_NE(one[0], one[1]);
}

TEST(BlockHashes, AreOfFullBlocksAndDoNotMindEmptyPieces) {
  EXPECT_EQ(hashes({{1, 5}, {3, 0}, {2, 6}}, 4), hashes({{1, 5}, {2, 3}}, 4));
  EXPECT_TRUE(hashes({{1, 3}}, 4).empty());
}

TEST(KvCache, FindsWhatBeginsAlikeShortOfTheLastToken) {
  KvCache cache({.blocks = 10, .block_tokens = 4});
  serve(cache, 0, of({{1, 12}}));
  cache.open(0, of({{1, 12}}));
  EXPECT_EQ(cache.cached_tokens(0, 12), 8);
  EXPECT_EQ(cache.cached_tokens(0, 13), 12);
  cache.open(1, of({{1, 5}, {2, 20}}));
  EXPECT_EQ(cache.cached_tokens(1, 25), 4);
  cache.open(2, of({{2, 25}}));
  EXPECT_EQ(cache.cached_tokens(2, 25), 0);
}

TEST(KvCache, EvictsWhatBecameFreeFirstItsLastBlocksFirst) {
  KvCache cache({.blocks = 6, .block_tokens = 4});
  serve(cache, 0, of({{1, 12}}));
  serve(cache, 0, of({{2, 12}}));
  serve(cache, 0, of_its_own(8));  // two blocks of text 1 go
  EXPECT_EQ(cache.counts().evicted_blocks, 2);
  cache.open(0, of({{1, 13}}));
  cache.open(1, of({{2, 13}}));
  EXPECT_EQ(cache.cached_tokens(0, 13), 4);
  EXPECT_EQ(cache.cached_tokens(1, 13), 12);
}

TEST(KvCache, HitsThatAreFreeCountAsNeeded) {
  KvCache cache({.blocks = 4, .block_tokens = 4});
  serve(cache, 0, of({{1, 8}}));
  cache.open(1, of_its_own(8));
  ASSERT_TRUE(cache.admit(1, 8, 8));
  cache.open(0, of({{1, 16}}));
  EXPECT_EQ(cache.cached_tokens(0, 16), 8);
  EXPECT_TRUE(cache.fits(0, 16, 8));
  EXPECT_FALSE(cache.fits(0, 16, 9));
  EXPECT_FALSE(cache.admit(0, 16, 9));
  EXPECT_EQ(cache.used(), 2);
}

TEST(KvCache, TwoThatRunTogetherHoldTheirCommonBlocksOnce) {
  KvCache cache({.blocks = 10, .block_tokens = 4});
  for (const Slot slot : {0, 1}) {
    cache.open(slot, of({{1, 8}, {slot + 2, 4}}));
    EXPECT_TRUE(cache.admit(slot, 12, 12));
  }
  EXPECT_EQ(cache.used(), 4);
  cache.release(0, 12);
  EXPECT_EQ(cache.used(), 3);
  EXPECT_EQ(cache.counts().queries, 24);
  EXPECT_EQ(cache.counts().hits, 8);
}

TEST(KvCache, AnAnswerInTheContentIsFoundWhenItsRequestHasEnded) {
  KvCache cache({.blocks = 10, .block_tokens = 4});
  Request first = of({{1, 6}, {2, 10}});
  first.prompt_tokens = 6;
  first.output_tokens = 10;
  cache.open(0, first);
  ASSERT_TRUE(cache.admit(0, 6, 6));
  cache.take(2);
  cache.release(0, 15);  // the last token is never computed
  cache.close(0);
  cache.open(0, of({{1, 6}, {2, 10}, {3, 5}}));
  EXPECT_EQ(cache.cached_tokens(0, 21), 12);
}

TEST(KvCache, APreemptedRequestFindsItsOwnBlocksAgainUntilTheyAreTaken) {
  KvCache cache({.blocks = 6, .block_tokens = 4});
  cache.open(0, of_its_own(14));
  ASSERT_TRUE(cache.admit(0, 14, 14));
  cache.preempt(0, 14);
  EXPECT_EQ(cache.used(), 0);
  EXPECT_EQ(cache.cached_tokens(0, 15), 12);
  serve(cache, 1, of_its_own(16));  // two that were never used, the unfilled one, and one of its three
  EXPECT_EQ(cache.cached_tokens(0, 15), 8);
  ASSERT_TRUE(cache.admit(0, 15, 15));
  EXPECT_EQ(cache.counts().preempted_queries, 15);
  EXPECT_EQ(cache.counts().preempted_hits, 8);
  EXPECT_EQ(cache.counts().hits, 0);
  cache.release(0, 15);
  cache.close(0);
  cache.open(0, of_its_own(14));
  EXPECT_EQ(cache.cached_tokens(0, 14), 0);
}

TEST(KvCache, FetchesFromTheHostWhatItHasEvicted) {
  KvCache cache({.blocks = 4, .block_tokens = 4, .prefix_caching = true, .host_blocks = 8});
  serve(cache, 0, of({{1, 12}}));
  serve(cache, 0, of_its_own(12));
  EXPECT_EQ(serve(cache, 0, of({{1, 13}})), (Hit{1, 2}));
  EXPECT_EQ(cache.counts().hits, 4);
  EXPECT_EQ(cache.counts().host_hits, 8);
  EXPECT_EQ(cache.host()->stored(), 6);
}

TEST(KvCache, AsksForOrderlyUse) {
  EXPECT_THROW(KvCache({.blocks = 0}), std::logic_error);
  KvCache cache({.blocks = 4, .block_tokens = 4});
  EXPECT_THROW(cache.close(0), std::logic_error);
  EXPECT_THROW(cache.take(5), std::logic_error);
  cache.open(0, of_its_own(8));
  EXPECT_THROW(cache.open(0, of_its_own(8)), std::logic_error);
  EXPECT_THROW(cache.release(0, 8), std::logic_error);
  ASSERT_TRUE(cache.admit(0, 8, 8));
  EXPECT_THROW(cache.close(0), std::logic_error);
  EXPECT_THROW(cache.release(0, 12), std::logic_error);  // a block that nobody took
  EXPECT_FALSE(cache.grow(0, 17));
}

TEST(RadixCache, FindsToTheTokenAndLocksWhatRuns) {
  RadixCache cache(30);
  cache.open(0, of({{1, 10}, {2, 5}}));
  EXPECT_EQ(cache.match(0, 15), 0);
  cache.lock(0);
  ASSERT_TRUE(cache.take(15));
  cache.insert(0, 15);
  EXPECT_EQ(cache.locked(), 15);
  cache.open(1, of({{1, 7}, {3, 5}}));
  EXPECT_EQ(cache.match(1, 12), 7);
  EXPECT_EQ(cache.nodes(), 2);
  cache.lock(1);
  ASSERT_TRUE(cache.take(5));
  cache.release(1, 12);
  EXPECT_EQ(cache.evictable(), 5);
  EXPECT_EQ(cache.free(), 10);
  EXPECT_FALSE(cache.take(16));
  ASSERT_TRUE(cache.take(12));  // the leaf of five goes
  EXPECT_EQ(cache.evicted(), 5);
  EXPECT_EQ(cache.free(), 3);
}

TEST(RadixCache, AsksForOrderlyUse) {
  EXPECT_THROW(RadixCache(0), std::logic_error);
  RadixCache cache(10);
  cache.open(0, of_its_own(8));
  EXPECT_THROW(cache.lock(0), std::logic_error);
  cache.match(0, 8);
  cache.lock(0);
  EXPECT_THROW(cache.insert(0, 8), std::logic_error);  // no room was taken
  EXPECT_THROW(cache.match(0, 8), std::logic_error);
}

}  // namespace
}  // namespace wordline::serve
