// Properties of a stack's closed form, and its numbers where they can be counted by hand.
#include "wordline/fab/stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "wordline/core/error.h"
#include "wordline/fab/matching.h"

namespace wordline::fab {
namespace {

StackDesign design() {
  StackDesign d;
  d.layers = 8;
  d.die_capacity = core::gibibytes(2);
  d.dram = {0.9, core::Usd(8)};
  d.base = {0.95, core::Usd(10)};
  d.bond_yield = 0.99;
  d.bond_cost = core::Usd(0.3);
  d.pre = d.pre_base = {0.95, core::Usd(0.5)};
  d.mid = {0.9, core::Usd(1)};
  d.post = {0.95, core::Usd(2)};
  d.final = {0.99, core::Usd(6)};
  d.finish_cost = core::Usd(10);
  d.escape_cost = core::Usd(1000);
  return d;
}

core::Usd sum(const StackResult& result) {
  core::Usd all;
  for (const CostLine& line : result.lines) all += line.total();
  return all;
}

TEST(Tested, PassesWhatWorksAndWhatIsMissed) {
  EXPECT_DOUBLE_EQ(tested(0.8, 0.9).yield, 1 - 0.2 * 0.9);
  EXPECT_DOUBLE_EQ(tested(0.8, 0.9).quality, 0.8 / 0.82);
  EXPECT_DOUBLE_EQ(tested(0.8, 1).quality, 1);
  EXPECT_DOUBLE_EQ(tested(0.8, 0).quality, 0.8);
}

TEST(Tsvs, SparesOfAGroup) {
  EXPECT_DOUBLE_EQ(tsv_yield({}), 1);
  EXPECT_NEAR(tsv_yield({1000, 1, 0, 1e-4}), std::pow(1 - 1e-4, 1000), 1e-12);
  // Of 8 + 1 vias at most one fails: .99^9 + 9 * .01 * .99^8, to the power of 5 groups.
  EXPECT_NEAR(tsv_yield({5, 8, 1, 0.01}), std::pow(std::pow(.99, 9) + 9 * .01 * std::pow(.99, 8), 5), 1e-12);
  EXPECT_GT(tsv_yield({5, 8, 2, 0.01}), tsv_yield({5, 8, 1, 0.01}));
}

TEST(Stack, WithoutLossesCostsItsParts) {
  StackDesign d = design();
  d.dram.yield = d.base.yield = d.bond_yield = 1;
  for (const TestFlow& flow : test_flows()) {
    const StackResult r = stack_of(d, flow);
    const double tests = (flow.pre ? 9 * 0.5 : 0) + (flow.mid ? 7 : 0) + (flow.post ? 2 : 0) + 6;
    EXPECT_NEAR(r.cost_per_good.value(), 8 * 8 + 10 + 8 * 0.3 + 10 + tests, 1e-9) << name_of(flow);
    EXPECT_DOUBLE_EQ(r.good, 1);
    EXPECT_DOUBLE_EQ(r.dies_per_good, 8);
    EXPECT_DOUBLE_EQ(r.bonds_per_good, 8);
    for (const CostLine& line : r.lines) EXPECT_NEAR(line.lost.value(), 0, 1e-9) << line.name;
  }
}

// (quality * bond)^8 * base: what the notes give as the model, and the dies tested for it.
TEST(Stack, WithTestedDiesIsTheProduct) {
  const StackDesign d = design();
  const StackResult r = stack_of(d, {true, false, false});
  const double quality = 0.9 / 0.905, base = 0.95 / 0.9525;
  EXPECT_NEAR(r.good, std::pow(quality * 0.99, 8) * base, 1e-12);
  EXPECT_NEAR(r.dies_per_good, 8 / 0.905 / r.good, 1e-9);
  EXPECT_NEAR(r.cost_per_byte.value() * d.die_capacity.value() * 8, r.cost_per_good.value(), 1e-9);
  EXPECT_NEAR(r.cost_per_shipped / r.cost_per_good, r.good / r.shipped, 1e-12);
  EXPECT_NEAR(r.escapes, 1 - r.good / r.shipped, 1e-12);
}

TEST(Stack, LinesAddUpAndStepsFollowEachOther) {
  for (const Bonding bonding : {Bonding::w2w, Bonding::d2w, Bonding::d2d})
    for (const TestFlow& flow : test_flows()) {
      StackDesign d = design();
      d.bonding = bonding;
      d.spare_layers = 1;
      d.repairable = 0.4;
      d.repair_cost = core::Usd(0.5);
      const StackResult r = stack_of(d, flow);
      EXPECT_NEAR(sum(r) / r.cost_per_good, 1, 1e-12);
      for (std::size_t i = 1; i < r.steps.size(); ++i)
        if (r.steps[i - 1].name.find("test") == std::string::npos || r.steps[i - 1].name == "post-bond test") {
          EXPECT_NEAR(r.steps[i].reached, r.steps[i - 1].reached * r.steps[i - 1].passed, 1e-12);
        }
      EXPECT_NEAR(r.steps.back().reached * r.steps.back().passed, r.shipped, 1e-12);
      EXPECT_LE(r.good, r.shipped);
    }
}

TEST(Stack, MoreLayersYieldLess) {
  StackDesign d = design();
  double last = 1;
  for (int layers = 1; layers <= 16; ++layers) {
    d.layers = layers;
    const double good = stack_of(d, {true, true, true}).good;
    EXPECT_LT(good, last);
    last = good;
  }
}

TEST(Stack, BetterDieTestsMakeBetterStacks) {
  StackDesign d = design();
  double last = 0;
  for (const double coverage : {0.0, 0.5, 0.9, 1.0}) {
    d.pre.coverage = coverage;
    const double good = stack_of(d, {true, false, false}).good;
    EXPECT_GT(good, last);
    last = good;
  }
}

TEST(Stack, ALayerToSpareIsCountedBinomially) {
  StackDesign d = design();
  d.bonding = Bonding::w2w;
  d.base.yield = d.bond_yield = d.final.coverage = 1;
  d.layers = 6;
  d.spare_layers = 2;
  const double y = 0.85;
  d.dram.yield = y;
  const double wanted = std::pow(y, 8) + 8 * std::pow(y, 7) * (1 - y) + 28 * std::pow(y, 6) * std::pow(1 - y, 2);
  EXPECT_NEAR(stack_of(d, {}).good, wanted, 1e-12);
}

TEST(Stack, RepairAfterBondingMendsWhatATestFinds) {
  StackDesign d = design();
  d.damage = 0.02;
  const double before = stack_of(d, {true, true, true}).good;
  d.repairable = 0.5;
  EXPECT_GT(stack_of(d, {true, true, true}).good, before);
  d.mid.coverage = d.post.coverage = d.final.coverage = 0;  // nothing is found: nothing is mended
  EXPECT_NEAR(stack_of(d, {true, true, true}).good, before, 1e-12);
}

// Whole wafers take what lies on them: more loss at the same yields, for all die tests.
TEST(Stack, KnownGoodDiesBeatWholeWafers) {
  StackDesign d = design();
  const double chosen = stack_of(d, {true, false, false}).good;
  d.bonding = Bonding::w2w;
  const StackResult whole = stack_of(d, {true, false, false});
  EXPECT_LT(whole.good, chosen);
  EXPECT_NEAR(whole.dies_per_good, 8 / whole.good, 1e-9);  // nothing is stopped half way
  d.matched_wafers = 20;
  d.dies_per_wafer = 50;
  EXPECT_GT(stack_of(d, {true, false, false}).good, whole.good);
}

TEST(Matching, OneCandidateIsChance) {
  EXPECT_DOUBLE_EQ(matched_share(0.7, 0.9, 100, 1), 0.63);
  EXPECT_DOUBLE_EQ(matched_share(0.7, 1, 100, 5), 0.7);
  EXPECT_LE(matched_share(0.7, 0.9, 100, 1000), 0.7);
}

TEST(Flows, TheBestComesFirstAndEachCanBeIt) {
  const auto all = best_flows(design());
  ASSERT_EQ(all.size(), 8u);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LE(all[i - 1].objective, all[i].objective);

  StackDesign free = design();  // tests that cost nothing are all done
  free.pre.cost = free.pre_base.cost = free.mid.cost = free.post.cost = core::Usd(0);
  EXPECT_EQ(best_flows(free).front().flow, (TestFlow{true, true, true}));
  StackDesign dear = design();  // and none that cost more than the stack
  dear.pre.cost = dear.pre_base.cost = dear.mid.cost = dear.post.cost = core::Usd(1e4);
  EXPECT_EQ(best_flows(dear).front().flow, (TestFlow{false, false, false}));
  StackDesign lossy = design();  // bonds that fail often are looked at one by one
  lossy.bond_yield = 0.8;
  EXPECT_TRUE(best_flows(lossy).front().flow.mid);
  StackDesign whole = lossy;  // but a whole wafer cannot be stopped for one site
  whole.bonding = Bonding::w2w;
  EXPECT_FALSE(best_flows(whole).front().flow.mid);
}

TEST(Flows, AreNamed) {
  EXPECT_EQ(name_of(TestFlow{true, true, true}), "pre+mid+post");
  EXPECT_EQ(name_of(TestFlow{false, false, false}), "final test alone");
  EXPECT_THROW(bonding_of("d2x"), core::InputError);
  EXPECT_EQ(bonding_of("w2w"), Bonding::w2w);
}

TEST(Stack, SaysWhatIsOutOfRange) {
  const auto said = [](auto change) {
    StackDesign d = design();
    change(d);
    try {
      stack_of(d, {});
    } catch (const core::InputError& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  EXPECT_THAT(said([](auto& d) { d.layers = 0; }), testing::HasSubstr("1 to 64"));
  EXPECT_THAT(said([](auto& d) { d.bond_yield = 0; }), testing::HasSubstr("the yield of a bond"));
  EXPECT_THAT(said([](auto& d) { d.dram.yield = 1.5; }), testing::HasSubstr("the DRAM die"));
  EXPECT_THAT(said([](auto& d) { d.mid.coverage = -0.1; }), testing::HasSubstr("mid-bond"));
  EXPECT_THAT(said([](auto& d) { d.damage = 1; }), testing::HasSubstr("stacking breaks"));
  EXPECT_THAT(said([](auto& d) { d.matched_wafers = 3, d.spare_layers = 1; }), testing::HasSubstr("matched"));
  EXPECT_THAT(said([](auto& d) { d.matched_wafers = 3; }), testing::HasSubstr("dies per wafer"));
}

}  // namespace
}  // namespace wordline::fab
