// Patterns give the accesses that they say, the same on every machine; traces are read with places in messages.
#include "wordline/memory/pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::memory {
namespace {

std::vector<BlockAccess> all(const Pattern& pattern, std::uint64_t blocks) {
  const auto source = make_source(pattern, blocks);
  std::vector<BlockAccess> out;
  BlockAccess some[7];
  while (const std::size_t count = source->next(some, 7)) out.insert(out.end(), some, some + count);
  return out;
}

std::vector<std::uint64_t> blocks_of(const std::vector<BlockAccess>& accesses) {
  std::vector<std::uint64_t> out;
  for (const auto& access : accesses) out.push_back(access.block);
  return out;
}

TEST(Pattern, StreamsTakeTurnsAndWrap) {
  Pattern pattern;
  pattern.accesses = 6;
  EXPECT_EQ(blocks_of(all(pattern, 4)), (std::vector<std::uint64_t>{0, 1, 2, 3, 0, 1}));
  pattern.streams = 2;
  EXPECT_EQ(blocks_of(all(pattern, 100)), (std::vector<std::uint64_t>{0, 50, 1, 51, 2, 52}));
}

// SplitMix64 with state 1, the first draws (reference values of its authors' program), modulo 2^27 blocks (8 GiB).
TEST(Pattern, RandomIsTheKnownSequence) {
  Pattern pattern;
  pattern.kind = "random";
  pattern.accesses = 2;
  EXPECT_EQ(blocks_of(all(pattern, std::uint64_t{1} << 27)),
            (std::vector<std::uint64_t>{0x910a2dec89025cc1u % (1u << 27), 0xbeeb8da1658eec67u % (1u << 27)}));
}

TEST(Pattern, StrideWraps) {
  Pattern pattern;
  pattern.kind = "stride";
  pattern.stride = 3;
  pattern.accesses = 5;
  EXPECT_EQ(blocks_of(all(pattern, 7)), (std::vector<std::uint64_t>{0, 3, 6, 2, 5}));
}

TEST(Pattern, GatherReadsWholePieces) {
  Pattern pattern;
  pattern.kind = "gather";
  pattern.piece_blocks = 8;
  pattern.accesses = 8 * 50;
  const auto accesses = all(pattern, 8 * 1000 + 5);
  std::set<std::uint64_t> places;
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    ASSERT_EQ(accesses[i].block % 8, i % 8);
    if (i % 8) {
      ASSERT_EQ(accesses[i].block, accesses[i - 1].block + 1);
    }
    places.insert(accesses[i].block / 8);
  }
  EXPECT_GT(places.size(), 40u);
}

TEST(Pattern, ReadShareIsKept) {
  Pattern pattern;
  pattern.kind = "random";
  pattern.accesses = 100'000;
  for (const double reads : {0.0, 0.3, 0.5, 1.0}) {
    pattern.reads = reads;
    int writes = 0;
    for (const auto& access : all(pattern, 1000)) writes += access.write;
    EXPECT_NEAR(writes / 100'000.0, 1 - reads, 0.005);
  }
}

std::uint64_t writes_of(const std::vector<BlockAccess>& accesses) {
  return static_cast<std::uint64_t>(
      std::count_if(accesses.begin(), accesses.end(), [](const BlockAccess& access) { return access.write; }));
}

// The peers' work: a million requests with state 1 have 333,758 writes; addresses are every second draw.
TEST(Pattern, MixIsThePeersMix) {
  Pattern pattern;
  pattern.kind = "mix";
  const std::uint64_t blocks = std::uint64_t{1} << 27;  // 8 GiB
  const auto accesses = all(pattern, blocks);
  ASSERT_EQ(accesses.size(), 1'000'000u);
  EXPECT_EQ(writes_of(accesses), 333'758u);
  EXPECT_EQ(accesses[0].block, 0x910a2dec89025cc1u % blocks);
  EXPECT_EQ(accesses[0].write, 0xbeeb8da1658eec67u % 3 == 0);
}

TEST(Pattern, StreamRunsOfBlocks) {
  Pattern pattern;
  pattern.accesses = 7;
  pattern.streams = 2;
  pattern.run_blocks = 2;
  EXPECT_EQ(blocks_of(all(pattern, 100)), (std::vector<std::uint64_t>{0, 1, 50, 51, 2, 3, 52}));
}

TEST(Pattern, ChaseVisitsEveryBlockOnceARound) {
  Pattern pattern;
  pattern.kind = "chase";
  for (const std::uint64_t blocks : {1u, 2u, 3u, 1000u, 4096u, 5000u}) {
    pattern.accesses = 2 * blocks;
    const auto accesses = all(pattern, blocks);
    std::set<std::uint64_t> seen;
    for (std::size_t i = 0; i < blocks; ++i) {
      seen.insert(accesses[i].block);
      EXPECT_TRUE(accesses[i].dependent);
      EXPECT_EQ(accesses[i].block, accesses[i + blocks].block);
    }
    EXPECT_EQ(seen.size(), blocks);
    EXPECT_LT(*seen.rbegin(), blocks);
  }
  // A random order: few neighbours.
  pattern.accesses = 5000;
  const auto accesses = all(pattern, 5000);
  int neighbours = 0;
  for (std::size_t i = 1; i < accesses.size(); ++i) neighbours += accesses[i].block == accesses[i - 1].block + 1;
  EXPECT_LT(neighbours, 20);
}

TEST(Pattern, GupsReadsThenWritesTheSameBlock) {
  Pattern pattern;
  pattern.kind = "gups";
  pattern.accesses = 1000;
  const auto accesses = all(pattern, 1 << 20);
  for (std::size_t i = 0; i < accesses.size(); i += 2) {
    EXPECT_FALSE(accesses[i].write);
    EXPECT_TRUE(accesses[i + 1].write);
    EXPECT_EQ(accesses[i].block, accesses[i + 1].block);
  }
  std::set<std::uint64_t> places;
  for (const auto& access : accesses) places.insert(access.block);
  EXPECT_GT(places.size(), 490u);
}

TEST(Pattern, BurstsPauseAtTheSamePlacesHoweverTheyAreRead) {
  Pattern pattern;
  pattern.kind = "bursty";
  pattern.burst = 3;
  pattern.idle_clocks = 40;
  pattern.accesses = 20;
  const auto accesses = all(pattern, 1000);  // read by sevens
  for (std::size_t i = 0; i < accesses.size(); ++i)
    EXPECT_EQ(accesses[i].gap_clocks, i > 0 && i % 3 == 0 ? 40u : 0u) << i;
  pattern.burst = 0;
  pattern.accesses = 65;
  EXPECT_EQ(all(pattern, 1000).back().gap_clocks, 40u);  // 64 where nothing is said
}

// Two tensors of ten blocks, tiles of four, three requesters: each block once a round, tiles side by side.
TEST(Pattern, WeightsStreamEveryTensorOnce) {
  Pattern pattern;
  pattern.kind = "weights";
  pattern.tensors = 2;
  pattern.piece_blocks = 4;
  pattern.streams = 3;
  pattern.accesses = 22;
  EXPECT_EQ(blocks_of(all(pattern, 20)),
            (std::vector<std::uint64_t>{0,  4,  8,  1,  5,  9,  2,  6,  3,  7,  // ragged end
                                        10, 14, 18, 11, 15, 19, 12, 16, 13, 17, 0, 4}));
  pattern.tensors = 7;
  pattern.piece_blocks = 32;
  pattern.streams = 13;
  pattern.accesses = 7 * 143;
  std::vector<int> times(1005);
  for (const auto& access : all(pattern, 1005)) ++times[access.block];
  for (std::size_t b = 0; b < times.size(); ++b) EXPECT_EQ(times[b], b < 7 * 143 ? 1 : 0) << b;
}

TEST(Pattern, PagedCacheReadsWholePagesAndWritesNewTokens) {
  Pattern pattern;
  pattern.kind = "kv";
  pattern.streams = 3;
  pattern.pages = 5;
  pattern.piece_blocks = 8;
  pattern.new_blocks = 2;
  const std::uint64_t step = 3 * (5 * 8 + 2);
  pattern.accesses = 2 * step;
  const auto accesses = all(pattern, 8 * 100 + 3);
  std::set<std::uint64_t> blocks, pages;
  for (std::size_t i = 0; i < step; ++i) {
    const auto& access = accesses[i];
    EXPECT_EQ(access.write, i >= 3 * 5 * 8);
    if (access.write) {
      EXPECT_TRUE(blocks.contains(access.block));  // in the last page, which was read
      EXPECT_EQ(access.block / 8, accesses[3 * 5 * 8 - 3 + i % 3].block / 8);
      EXPECT_EQ(accesses[i + step].block % 8, access.block % 8 + 2);  // the next token goes behind it
    } else {
      blocks.insert(access.block);
      pages.insert(access.block / 8);
      EXPECT_EQ(accesses[i + step].block, access.block);
    }
  }
  EXPECT_EQ(blocks.size(), 3u * 5 * 8);
  EXPECT_EQ(pages.size(), 3u * 5);
}

TEST(Pattern, RefusesWhatItCannotDo) {
  Pattern pattern;
  pattern.kind = "strem";
  EXPECT_THROW(make_source(pattern, 100), core::UsageError);
  pattern.kind = "random";
  pattern.reads = 1.5;
  EXPECT_THROW(make_source(pattern, 100), core::UsageError);
  Pattern cache{.kind = "kv", .piece_blocks = 10, .streams = 4, .pages = 3};
  EXPECT_THROW(make_source(cache, 119), core::UsageError);
  EXPECT_NO_THROW(make_source(cache, 120));
  Pattern weights{.kind = "weights", .tensors = 0};
  EXPECT_THROW(make_source(weights, 100), core::UsageError);
}

}  // namespace
}  // namespace wordline::memory
