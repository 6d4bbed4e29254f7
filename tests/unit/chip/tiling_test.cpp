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

TEST(ExpertLoads, DealtRowsAreWholeAndTheRankIsServedFirst) {
  Experts w{.tokens = 3, .hidden = 1, .width = 1, .experts = 8, .top_k = 2, .dealt = true};
  auto loads = expert_loads(w);
  ASSERT_EQ(loads.size(), 1u) << "six experts of eight get one row each";
  EXPECT_EQ(loads[0].rows, 1);
  EXPECT_EQ(loads[0].experts, 6);
  w.tokens = 5;  // ten rows: two experts get a second one
  loads = expert_loads(w);
  ASSERT_EQ(loads.size(), 2u);
  EXPECT_EQ(loads[0].rows, 2);
  EXPECT_EQ(loads[0].experts, 2);
  EXPECT_EQ(loads[1].experts, 6);
  w.ranks = 4;
  EXPECT_EQ(rows_of(expert_loads(w)), 3) << "a quarter of ten, rounded up";
}

TEST(ExpertLoads, SkewLosesNoRowAndFillsNoExpertTwice) {
  for (const int experts : {8, 64, 256})
    for (const int top_k : {1, 2, 8})
      for (const std::int64_t tokens : {1, 2, 7, 64, 1000}) {
        const Experts w{.tokens = tokens, .hidden = 1, .width = 1, .experts = experts, .top_k = top_k, .skew = 1.2};
        double experts_used = 0;
        for (const auto& l : expert_loads(w)) {
          EXPECT_LE(l.rows, static_cast<double>(tokens));
          experts_used += l.experts;
        }
        EXPECT_NEAR(rows_of(expert_loads(w)), static_cast<double>(tokens * top_k), 1e-6);
        EXPECT_LE(experts_used, experts);
      }
}

TEST(ExpertLoads, SkewedRowsAreThePowerLawsQuantiles) {
  // Two experts and 1000 tokens: popularities at u = 1/4 and 3/4 between 1 and 800 with exponent 2, where the inverse
  // of the cumulated density is 1 / (1 - u (1 - 1/800)): 1.33278 and 3.98505, so that the second gets 749 of 1000.
  const Experts w{.tokens = 1000, .hidden = 1, .width = 1, .experts = 2, .top_k = 1, .skew = 2};
  const auto loads = expert_loads(w);
  ASSERT_EQ(loads.size(), 2u);
  EXPECT_EQ(loads[0].rows, 251);
  EXPECT_EQ(loads[1].rows, 749);
}

TEST(ExpertLoads, TheBusiestRankHasMoreThanItsShareAndLessThanAll) {
  Experts w{.tokens = 1000, .hidden = 1, .width = 1, .experts = 64, .top_k = 4, .ranks = 8, .skew = 1.2};
  const double busiest = rows_of(expert_loads(w));
  EXPECT_GT(busiest, 1.5 * 4000.0 / 8);
  EXPECT_LT(busiest, 4000);
  EXPECT_EQ(rows_of(expert_loads(w)), busiest) << "the same shuffles every time";
  w.skew = 0.2;
  EXPECT_LT(rows_of(expert_loads(w)), busiest);
  w.tokens = 8;  // fewer rows than experts: most shares round to none, and what is left is dealt to the ranks in turn
  w.top_k = 1;
  w.skew = 1.2;
  EXPECT_GE(rows_of(expert_loads(w)), 1);
  EXPECT_LE(rows_of(expert_loads(w)), 3);
  w.tokens = 0;
  EXPECT_TRUE(expert_loads(w).empty());
}

}  // namespace
}  // namespace wordline::chip
