// How products are cut, and what the cuts move.
#include "wordline/chip/tiling.h"

#include "tiled_chips.h"
#include "wordline/chip/expert_loads.h"

namespace wordline::chip {
namespace {

TEST(CoreSplits, NeverMoreCoresThanThereAre) {
  for (const int cores : {1, 2, 8, 56, 64}) {
    const auto splits = core_splits(cores);
    for (const auto& s : splits) {
      EXPECT_LE(s.cores(), cores);
      EXPECT_GT(2 * s.cores(), cores) << "at most half of them idle";
    }
    EXPECT_EQ(splits.front().n, cores);
  }
  EXPECT_EQ(core_splits(1).size(), 1u);
}

TEST(Fetched, TheBestOfThreeWays) {
  const Product p{.m = 1024, .n = 2048, .k = 512};
  const double left = 1024.0 * 512 * 2, right = 2048.0 * 512 * 2;
  // All rows stay: both once.
  EXPECT_EQ(fetched(p, left, 0, 128, 128).right, right);
  // Half of the rows stay: the right one passes twice. Keeping a quarter of the columns would fetch the left one 4
  // times.
  const Fetched half = fetched(p, left / 2, 0, 128, 128);
  EXPECT_EQ(half.left, left);
  EXPECT_EQ(half.right, 2 * right);
  // Nothing but sums stays: 256 x 256 of them.
  const Fetched sums = fetched(p, 0, 256.0 * 256 * 4, 128, 128);
  EXPECT_EQ(sums.left, left * 8);
  EXPECT_EQ(sums.right, right * 4);
}

TEST(FetchSeconds, StartUpsBeyondTheFirstRound) {
  LoadPath load;
  EXPECT_EQ(fetch_seconds(load, 1e6, 1e3), 0);
  load.bandwidth = core::gigabytes_per_second(100);
  load.start_up = core::microseconds(2);
  load.transfers = 4;
  EXPECT_DOUBLE_EQ(fetch_seconds(load, 4e3, 1e3), 4e-8);
  EXPECT_DOUBLE_EQ(fetch_seconds(load, 4e3 + 1, 1e3), (4e3 + 1) / 1e11 + 2e-6);
}

TEST(DramTime, AllCoresTogetherAndTheBusiestAlone) {
  Chip chip = xeon_like(4);
  MemoryPath memory(chip, flat_streams());
  // 100 ns, 4 x 1000 bytes under way: 40 GB/s of 1000; one core that moves half of all: 10 GB/s.
  const DramTime even = dram_time(memory, {.read = 4e6}, 1e6, 4, 1000);
  EXPECT_NEAR(even.seconds, 1e-4, 1e-9);
  EXPECT_TRUE(even.starved);
  EXPECT_NEAR(dram_time(memory, {.read = 4e6}, 2e6, 4, 1000).seconds, 2e-4, 1e-9);
  const DramTime plenty = dram_time(memory, {.read = 4e6}, 1e6, 4, 1e9);
  EXPECT_NEAR(plenty.seconds, 4e-6, 1e-12);
  EXPECT_FALSE(plenty.starved);
}

double rows_of(const std::vector<ExpertLoad>& loads) {
  double out = 0;
  for (const auto& l : loads) out += l.rows * l.experts;
  return out;
}

TEST(ExpertLoads, EvenChancesByHand) {
  Experts w{.tokens = 1, .hidden = 1, .width = 1, .experts = 8, .top_k = 2};
  auto loads = expert_loads(w);
  ASSERT_EQ(loads.size(), 1u);
  EXPECT_DOUBLE_EQ(loads[0].rows, 1);
  EXPECT_DOUBLE_EQ(loads[0].experts, 2);
  w.tokens = 2;
  loads = expert_loads(w);
  EXPECT_DOUBLE_EQ(loads[0].experts, 8 * (1 - 0.75 * 0.75));
  EXPECT_DOUBLE_EQ(rows_of(loads), 4);
  w.ranks = 4;
  EXPECT_DOUBLE_EQ(rows_of(expert_loads(w)), 1);
}

TEST(ExpertLoads, SkewMakesTheFirstRankTheBusiestAndLosesNoRow) {
  Experts w{.tokens = 1000, .hidden = 1, .width = 1, .experts = 64, .top_k = 4, .skew = 1.2};
  EXPECT_NEAR(rows_of(expert_loads(w)), 4000, 1e-6);
  for (const auto& l : expert_loads(w)) EXPECT_LE(l.rows, 1000);
  w.ranks = 8;
  EXPECT_GT(rows_of(expert_loads(w)), 4000.0 / 8);
  w.tokens = 0;
  EXPECT_TRUE(expert_loads(w).empty());
}

}  // namespace
}  // namespace wordline::chip
