#include "wordline/core/random.h"

#include <gtest/gtest.h>

#include "wordline/core/statistics.h"

namespace wordline::core {
namespace {

TEST(Random, SplitMixGivesThePublishedNumbers) {
  SplitMix64 mix(1234567);  // the test vector of Vigna's reference program
  EXPECT_EQ(mix(), 6457827717110365317u);
  EXPECT_EQ(mix(), 3203168211198807973u);
  EXPECT_EQ(mix(), 9817491932198370423u);
}

TEST(Random, SameSeedSameNumbersOtherStreamOthers) {
  Random a(5), b(5), c(5, 1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.bits(), b.bits());
  EXPECT_NE(Random(5).bits(), c.bits());
}

TEST(Random, DistributionsHaveTheirMoments) {
  Random random(11);
  Samples uniform, exponential, normal, gamma, below;
  for (int i = 0; i < 200000; ++i) {
    uniform.add(random.uniform());
    exponential.add(random.exponential(3));
    normal.add(random.normal());
    gamma.add(random.gamma(0.5, 2));
    below.add(static_cast<double>(random.below(10)));
  }
  EXPECT_NEAR(uniform.mean(), 0.5, 0.005);
  EXPECT_NEAR(exponential.mean(), 3, 0.03);
  EXPECT_NEAR(normal.mean(), 0, 0.01);
  EXPECT_NEAR(normal.deviation(), 1, 0.01);
  EXPECT_NEAR(gamma.mean(), 1, 0.02);
  EXPECT_NEAR(gamma.deviation() * gamma.deviation(), 2, 0.1);
  EXPECT_NEAR(below.mean(), 4.5, 0.03);
}

}  // namespace
}  // namespace wordline::core
