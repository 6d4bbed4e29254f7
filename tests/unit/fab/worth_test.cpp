// From Cpk to dollars.
#include "wordline/fab/control/worth.h"

#include <gtest/gtest.h>

#include "wordline/fab/capability.h"

namespace wordline::fab {
namespace {

TEST(Worth, GoesThroughYieldToTheCostOfAStack) {
  const auto catalog = core::Catalog::open();
  const StackSpec stack = load_stack(catalog, "hbm3e-8h");
  const Worth poor = worth_of(0.8, 50, stack), good = worth_of(0.8 / 0.785, 50, stack),
              flawless = worth_of(4, 50, stack);
  EXPECT_NEAR(poor.parametric_yield, 0.438, 0.001);
  EXPECT_NEAR(good.parametric_yield, 0.894, 0.001);
  EXPECT_GT(poor.cost_per_good, 1.3 * good.cost_per_good);
  EXPECT_NEAR(flawless.cost_per_good / result_of(stack).cost_per_good, 1, 1e-9);
  // A high Cpk has nothing to gain.
  EXPECT_NEAR(worth_of(1.6, 50, stack).cost_per_good / worth_of(1.6 / 0.785, 50, stack).cost_per_good, 1, 1e-3);
}

}  // namespace
}  // namespace wordline::fab
