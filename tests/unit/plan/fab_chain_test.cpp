// From sigma to tokens: exactly nothing for no reduction, never worse for more, next to nothing where Cpk is high.
#include "wordline/plan/fab_chain.h"

#include <gmock/gmock.h>

#include <cmath>

#include "wordline/fab/capability.h"
#include "wordline/plan/fab_budget.h"

namespace wordline::plan {
namespace {

class FabChain : public testing::Test {
 protected:
  static ChainSpec with_reduction(double reduction) {
    ChainSpec spec = loaded();
    spec.sigma_reduction.now() = reduction;
    return spec;
  }
  static const ChainSpec& loaded() {
    static const ChainSpec spec = load_chain(core::Catalog::open(), "hbm3e-h200");
    return spec;
  }
};

TEST_F(FabChain, NoReductionChangesNothing) {
  const auto spec = with_reduction(0);
  for (const double cpk : {0.6, 1.0, 1.33, 2.0}) {
    const auto chain = chain_of(spec, cpk);
    EXPECT_EQ(chain.before.cpk, chain.after.cpk);
    EXPECT_EQ(chain.saved().value(), 0);
    EXPECT_EQ(chain.before.accelerator, chain.after.accelerator);
    EXPECT_EQ(chain.before.stack.cost_per_good, chain.after.stack.cost_per_good);
    EXPECT_EQ(price_fall(spec, chain).value(), 0);
    EXPECT_TRUE(chain.nil());
  }
}

TEST_F(FabChain, MoreReductionNeverCostsMore) {
  for (const double cpk : {0.6, 0.8, 1.0, 1.2, 1.5}) {
    core::Usd memory(1e9), stack(1e9), accelerator(1e9);
    for (double reduction = 0; reduction < 0.6; reduction += 0.05) {
      const auto end = chain_of(with_reduction(reduction), cpk).after;
      EXPECT_LE(end.memory, memory) << cpk << " " << reduction;
      EXPECT_LE(end.stack.cost_per_good, stack) << cpk << " " << reduction;
      EXPECT_LE(end.accelerator, accelerator) << cpk << " " << reduction;
      memory = end.memory, stack = end.stack.cost_per_good, accelerator = end.accelerator;
    }
  }
}

// 21.5 % over 50 layers: .438 -> .894 at Cpk .8, .874 -> .993 at 1, .997 -> 1.000 at 1.33.
TEST_F(FabChain, YieldsAreThoseOfTheLayers) {
  const auto spec = with_reduction(0.215);
  const auto at = [&](double cpk) { return chain_of(spec, cpk); };
  EXPECT_NEAR(at(0.8).before.parametric_yield, 0.438, 0.001);
  EXPECT_NEAR(at(0.8).after.parametric_yield, 0.894, 0.001);
  EXPECT_NEAR(at(1.0).before.parametric_yield, 0.874, 0.001);
  EXPECT_NEAR(at(1.0).after.parametric_yield, 0.993, 0.001);
  EXPECT_NEAR(at(1.33).before.parametric_yield, 0.997, 0.001);
  EXPECT_TRUE(at(1.33).nil());
  EXPECT_FALSE(at(1.0).nil());
  EXPECT_GT(at(0.8).saved(), at(1.0).saved());
  EXPECT_GT(at(1.0).saved(), at(1.33).saved());
  EXPECT_LT(at(1.33).saved() / at(1.33).before.memory, 0.005);
}

TEST_F(FabChain, DiesCarryTheParametricYield) {
  const auto chain = chain_of(with_reduction(0.215), 0.8);
  EXPECT_NEAR(chain.after.die_yield / chain.before.die_yield,
              chain.after.parametric_yield / chain.before.parametric_yield, 1e-12);
  // What is saved is less than what the dies alone would give: base, bonds and tests cost what they did.
  EXPECT_LT(chain.after.memory / chain.before.memory, 1);
  EXPECT_GT(chain.after.memory / chain.before.memory, chain.before.die_yield / chain.after.die_yield);
}

TEST_F(FabChain, WhatReachesTheBuyerIsNamed) {
  auto spec = with_reduction(0.215);
  const auto chain = chain_of(spec, 0.9);
  EXPECT_EQ(price_fall(spec, chain), chain.saved());
  spec.pass_through.now() = 0.5;
  EXPECT_DOUBLE_EQ(price_fall(spec, chain) / chain.saved(), 0.5);
  spec.seller_margin.now() = 0.75;
  EXPECT_DOUBLE_EQ(price_fall(spec, chain) / chain.saved(), 2);
}

TEST_F(FabChain, ABudgetIsItsArithmetic) {
  const auto catalog = core::Catalog::open();
  const auto budget = load_budget(catalog, "krw-82-trillion");
  const auto chain = chain_of(loaded());
  const auto b = budget_of(budget, loaded(), chain.before, 50.0);
  EXPECT_NEAR(b.investment.mid.value(), 82e12 / 1422.16, 1);
  EXPECT_NEAR(b.wafers_a_month.mid, 82e12 / 1422.16 * 0.6 / 150000, 1e-6 * b.wafers_a_month.mid);
  EXPECT_NEAR(b.wafers.mid, b.wafers_a_month.mid * 60 * 0.5, 1e-9 * b.wafers.mid);
  EXPECT_GT(b.stacks_a_wafer, 5);
  EXPECT_LT(b.stacks_a_wafer, 80);
  EXPECT_NEAR(b.users->mid, b.accelerators.mid * 0.8 * 50, 1e-6 * b.users->mid);
  EXPECT_LT(b.users->low, b.users->mid);
  EXPECT_LT(b.users->mid, b.users->high);
  const auto after = budget_of(budget, loaded(), chain.after, std::nullopt);
  EXPECT_GT(after.stacks_a_wafer, b.stacks_a_wafer);
  EXPECT_FALSE(after.users);
}

// A plan with one outcome on the chip and a dearer one elsewhere, made by hand.
TEST(TokenCosts, FallByTheWriteOffOfThePrice) {
  Plan plan;
  plan.scenario.models.resize(1);
  plan.scenario.prices.amortisation = core::months(48);
  plan.scenario.prices.utilisation = {0.8, 0.9, 1.0};
  plan.scenario.prices.upkeep_share = {0, 0.06, 0.12};
  plan.demand.mean = core::Hertz(10);
  plan.mean_output_tokens = 100;
  for (const auto& [chip, usd] : {std::pair{"other", 0.99}, {"h200-sxm", 1.0}}) {
    Outcome outcome;
    outcome.candidate.chip = chip;
    outcome.replica.meets = true;
    outcome.chips = 10;
    outcome.bill.known = true;
    outcome.bill.usd_per_mtok = core::exactly(core::Usd(usd));
    plan.outcomes.push_back(outcome);
  }
  const auto same = token_costs(plan, "h200-sxm", core::Usd(0));
  ASSERT_EQ(same.size(), 1u);
  EXPECT_EQ(same[0].before, same[0].after);
  EXPECT_FALSE(same[0].cheapest_before);
  const auto costs = token_costs(plan, "h200-sxm", core::Usd(2000));
  const double tokens = 10 * 100 * core::months(1).value();
  const double saved = 10 * 2000 * (1.0 / 48 / 0.9 + 0.06 / 12) / (tokens / 1e6);
  EXPECT_NEAR(costs[0].after.mid.value(), 1 - saved, 1e-12);
  EXPECT_TRUE(costs[0].cheapest_after);
  EXPECT_TRUE(token_costs(plan, "b200", core::Usd(2000)).empty());
}

}  // namespace
}  // namespace wordline::plan
