// Yield models: their limits, their order, and that more faults or more area never help.
#include "wordline/fab/yield.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "wordline/core/error.h"
#include "wordline/core/random.h"

namespace wordline::fab {
namespace {

Defects with(const std::string& model, double per_cm2, double clustering = 3) {
  Defects d;
  d.model = model;
  d.density = core::per_square_centimetre(per_cm2);
  d.clustering = clustering;
  return d;
}

TEST(Yield, OfOneFaultADie) {
  const auto area = core::square_millimetres(100);
  EXPECT_DOUBLE_EQ(yield_of(with("poisson", 1), area), std::exp(-1));
  EXPECT_NEAR(yield_of(with("murphy", 1), area), std::pow(1 - std::exp(-1), 2), 1e-15);
  EXPECT_DOUBLE_EQ(yield_of(with("seeds", 1), area), 0.5);
  EXPECT_NEAR(yield_of(with("negative-binomial", 1, 2), area), 1 / 2.25, 1e-15);
  // The public cost model's form: (1 + D0 A / 100 / c)^-c with A in mm2, D0 a cm2.
  EXPECT_NEAR(yield_of(with("negative-binomial", 0.11, 10), core::square_millimetres(814)),
              std::pow(1 + 0.11 * 814 / 100 / 10, -10), 1e-15);
}

TEST(Yield, ModelsAreOrderedBetweenClusteringOneAndTwo) {
  core::Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const double faults = std::exp(12 * random.uniform() - 8), alpha = 1 + random.uniform();
    const double seeds = yield_model("seeds").yield(faults, 0), murphy = yield_model("murphy").yield(faults, 0);
    const double nb = yield_model("negative-binomial").yield(faults, alpha),
                 poisson = yield_model("poisson").yield(faults, 0);
    ASSERT_GE(seeds * (1 + 1e-14), nb) << faults << " " << alpha;
    ASSERT_GE(nb * (1 + 1e-14), murphy) << faults << " " << alpha;
    ASSERT_GE(murphy * (1 + 1e-14), poisson) << faults << " " << alpha;
  }
}

TEST(Yield, TheNegativeBinomialGoesToPoissonAndIsSeedsAtOne) {
  core::Random random(2);
  const auto nb = yield_model("negative-binomial").yield;
  for (int i = 0; i < 2000; ++i) {
    const double faults = 5 * random.uniform(), poisson = std::exp(-faults);
    EXPECT_NEAR(nb(faults, 1), yield_model("seeds").yield(faults, 0), 1e-15);
    double gap = 1;
    for (const double alpha : {1.0, 10.0, 1e3, 1e5, 1e7}) {
      const double now = nb(faults, alpha) - poisson;
      EXPECT_GE(now, -1e-14);
      EXPECT_LE(now, gap);
      EXPECT_LE(now, faults * faults / 2 / alpha * poisson * std::exp(faults / alpha * faults) + 1e-14);
      gap = now + 1e-14;
    }
    EXPECT_DOUBLE_EQ(nb(faults, std::numeric_limits<double>::infinity()), poisson);
  }
}

TEST(Yield, FallsWithAreaAndWithDensity) {
  core::Random random(3);
  for (const auto& model : yield_models())
    for (int i = 0; i < 2000; ++i) {
      auto d = with(model, 3 * random.uniform(), 0.3 + 9 * random.uniform());
      d.critical_share = 0.1 + 0.9 * random.uniform();
      d.layers = 1 + 4 * random.uniform();
      const auto area = core::square_millimetres(900 * random.uniform());
      const double yield = yield_of(d, area);
      EXPECT_LE(yield_of(d, area * 1.1), yield);
      EXPECT_GE(yield, 0);
      EXPECT_LE(yield, 1);
      d.density *= 1.2;
      EXPECT_LE(yield_of(d, area), yield);
    }
}

TEST(Yield, TheDensityOfAYieldGivesItBack) {
  core::Random random(4);
  for (const auto& model : yield_models())
    for (int i = 0; i < 200; ++i) {
      auto d = with(model, 0, 0.5 + 5 * random.uniform());
      d.critical_share = 0.5;
      d.layers = 3;
      const auto area = core::square_millimetres(1 + 500 * random.uniform());
      const double yield = 0.02 + 0.98 * random.uniform();
      d.density = density_of(d, area, yield);
      EXPECT_NEAR(yield_of(d, area), yield, 1e-12) << model;
    }
}

// Each model's yield is the mean of exp(-density) over its law, and its law has the mean 1.
TEST(Yield, IsTheMeanOverTheLawOfDensities) {
  for (const auto& name : yield_models())
    for (const double alpha : {0.1, 0.5, 1.0, 2.0, 10.0, 1e3, 1e6, std::numeric_limits<double>::infinity()}) {
      const auto model = yield_model(name);
      const auto law = model.law(alpha);
      EXPECT_EQ(model.clusters, model.yield(1, 1) != model.yield(1, 2));
      double sum = 0, mean = 0;
      for (const auto& point : law) {
        sum += point.weight;
        mean += point.weight * point.relative;
      }
      EXPECT_NEAR(sum, 1, 1e-12) << name << alpha;
      EXPECT_NEAR(mean, 1, 1e-9) << name << alpha;
      for (const double faults : {0.01, 0.3, 2.0, 20.0}) {
        double yield = 0;
        for (const auto& point : law) yield += point.weight * std::exp(-point.relative * faults);
        EXPECT_NEAR(yield, model.yield(faults, alpha), 1e-8) << name << alpha << " " << faults;
      }
    }
}

TEST(Yield, SaysWhatIsWrong) {
  EXPECT_THAT([] { yield_of(with("poison", 1), core::square_millimetres(1)); },
              testing::ThrowsMessage<core::InputError>(testing::HasSubstr("poisson")));
  EXPECT_THROW(yield_of(with("seeds", -1), core::square_millimetres(1)), core::InputError);
  EXPECT_THROW(yield_of(with("seeds", NAN), core::square_millimetres(1)), core::InputError);
  EXPECT_THROW(yield_of(with("seeds", 1, 0), core::square_millimetres(1)), core::InputError);
  EXPECT_THROW(yield_of(with("seeds", 1), core::square_millimetres(-1)), core::InputError);
}

}  // namespace
}  // namespace wordline::fab
