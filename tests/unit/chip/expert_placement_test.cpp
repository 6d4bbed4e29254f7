#include "wordline/chip/expert_placement.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

#include "wordline/chip/expert_loads.h"

namespace wordline::chip {
namespace {

double sum(const std::vector<double>& of) { return std::accumulate(of.begin(), of.end(), 0.0); }

constexpr std::array shapes = {ExpertRouting{8, 2, 4}, ExpertRouting{16, 1, 4}, ExpertRouting{128, 8, 8},
                               ExpertRouting{256, 8, 32}, ExpertRouting{60, 4, 8}};

TEST(ExpertPlacement, ChancesOfSetsByHand) {
  // Weights 1, 1/2, 1/3; sets of two: 1/2, 1/3, 1/6, together 1. Expert 1 is in the first two, 2 in the first and
  // third.
  const auto two = placed({3, 2, 1, 1.0});
  EXPECT_NEAR(two->chances[0], 5.0 / 6, 1e-15);
  EXPECT_NEAR(two->chances[1], 4.0 / 6, 1e-15);
  EXPECT_NEAR(two->chances[2], 3.0 / 6, 1e-15);
  // One expert a token: Zipf's law.
  const auto one = placed({3, 1, 1, 2.0});
  EXPECT_NEAR(one->chances[0], 1 / (1 + 1.0 / 4 + 1.0 / 9), 1e-15);
  EXPECT_NEAR(one->chances[2] * 9, one->chances[0], 1e-15);
}

TEST(ExpertPlacement, TwoRanksOfOneExpertEach) {
  // The fullest has the popular one, whatever the shuffle: 2/3 of the choices, 4/3 of the mean.
  const auto p = placed({2, 1, 2, 1.0});
  EXPECT_NEAR(p->imbalance, 4.0 / 3, 1e-12);
  EXPECT_NEAR(p->reached, 2.0 / 3, 1e-12);
  ASSERT_EQ(p->fullest.size(), 1u);
  EXPECT_NEAR(p->fullest[0].chance, 2.0 / 3, 1e-12);
  EXPECT_EQ(p->fullest[0].experts, 1);
}

TEST(ExpertPlacement, AllLoadsAndAllChancesAddUpToTheChoicesOfAToken) {
  for (ExpertRouting r : shapes)
    for (r.skew = 0; r.skew < 3; r.skew += 0.37)
      for (const bool balanced : {false, true}) {
        r.balanced = balanced;
        r.redundant = balanced ? 2 * r.ranks : 0;
        const auto p = placed(r);
        EXPECT_NEAR(sum(p->chances), r.top_k, 1e-9);
        EXPECT_NEAR(sum(p->loads), r.top_k, 1e-9);
        double fullest = 0, mean = 0, held = 0;
        for (const auto& [chance, experts] : p->fullest) fullest += chance * experts;
        for (const auto& [chance, experts] : p->mean) mean += chance * experts, held += experts;
        EXPECT_NEAR(fullest, p->loads.front(), 1e-9);
        EXPECT_NEAR(mean * r.ranks, r.top_k, 1e-9);
        EXPECT_NEAR(held * r.ranks, r.experts + r.redundant, 1e-9);
        EXPECT_LE(p->reached, std::min(1.0, p->loads.front()) + 1e-9) << "one token may have several choices there";
        for (const double chance : p->chances) EXPECT_LE(chance, 1 + 1e-12);
      }
}

TEST(ExpertPlacement, EvenOnesAreDrawnAsWithoutThePlacement) {
  // A rank has none of a token's 8 experts with probability (224! 248!) / (216! 256!), every rank alike.
  const auto p = placed({256, 8, 8});
  double missed = 1;
  for (int i = 0; i < 8; ++i) missed *= (224.0 - i) / (256 - i);
  EXPECT_NEAR(p->reached, 1 - missed, 1e-12);
  EXPECT_NEAR(p->imbalance, 1, 1e-12);
}

TEST(ExpertPlacement, ImbalanceNeverFallsWithSkew) {
  for (ExpertRouting r : shapes) {
    double last = 0;
    for (r.skew = 0; r.skew < 4; r.skew += 0.05) {
      const double now = placed(r)->imbalance;
      EXPECT_GE(now, last - 1e-12) << r.experts << " experts, skew " << r.skew;
      EXPECT_LE(now, r.ranks);
      last = now;
    }
    EXPECT_GT(last, 1.3);
  }
}

TEST(ExpertPlacement, OneRankHasAllWhateverThePlacement) {
  for (const double skew : {0.0, 0.8, 2.0}) {
    const auto p = placed({128, 8, 1, skew});
    EXPECT_NEAR(p->imbalance, 1, 1e-9);
    EXPECT_NEAR(p->reached, 1, 1e-9);
  }
}

TEST(ExpertPlacement, BalancingNeverHurtsNorDoReplicas) {
  for (ExpertRouting r : shapes) {
    if (r.experts % r.ranks != 0) continue;
    for (r.skew = 0.1; r.skew < 2; r.skew += 0.1) {
      r.balanced = false, r.redundant = 0;
      const double linear = placed(r)->imbalance;
      r.balanced = true;
      const double alone = placed(r)->imbalance;
      EXPECT_LE(alone, linear + 1e-12);
      // Going one by one, EPLB may end up to a hundredth above where fewer replicas would: its last ones are whole.
      for (r.redundant = r.ranks; r.redundant <= 4 * r.ranks; r.redundant += r.ranks)
        EXPECT_LE(placed(r)->imbalance, std::max(alone, 1.05)) << r.experts << " experts, skew " << r.skew;
    }
  }
  // 8 replicas for 128 experts on 8 ranks: what is left is below a thousandth.
  EXPECT_GT(placed({128, 8, 8, 1.0, true, 0})->imbalance, 1.04);
  EXPECT_LT(placed({128, 8, 8, 1.0, true, 8})->imbalance, 1.001);
}

TEST(ExpertPlacement, ReplicasGoToTheFullestExpert) {
  // Weights 1, 1/8, 1/27, 1/64, one choice: of four replicas more the first gets all, five of 0.86 / 5 each.
  const auto p = placed({4, 1, 4, 3.0, true, 4});
  EXPECT_NEAR(p->loads.front(), p->chances[0] * 2 / 5, 1e-12) << "five of eight places: one rank has two";
}

TEST(ExpertPlacement, LoadsOfTheKernelAreThoseOfTheFullestRank) {
  Experts w{.tokens = 100000, .hidden = 1, .width = 1, .experts = 128, .top_k = 8, .ranks = 8, .zipf = 1};
  double rows = 0, used = 0;
  for (const auto& load : expert_loads(w)) rows += load.rows * load.experts, used += load.experts;
  EXPECT_NEAR(rows, 100000 * placed(routing_of(w))->loads.front(), 1e-6 * rows);
  EXPECT_NEAR(used, 16, 1e-6) << "so many tokens miss none";
  EXPECT_NEAR(counts_of({"experts", w}).matrix.value(), 6 * rows, 1e-6 * rows);
  w.tokens = 1;
  rows = used = 0;
  for (const auto& load : expert_loads(w)) rows += load.rows * load.experts, used += load.experts;
  EXPECT_NEAR(rows, used, 1e-9) << "one token: one row for each expert in use";
}

}  // namespace
}  // namespace wordline::chip
