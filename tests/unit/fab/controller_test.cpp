// Controllers against what is known in closed form.
#include "wordline/fab/control/controller.h"

#include <gmock/gmock.h>

#include <cmath>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/fab/control/loop.h"

namespace wordline::fab {
namespace {

// A random walk seen in noise, every wafer measured at once.
ProcessPath walk(double q, double r, std::size_t wafers, std::uint64_t seed) {
  core::Random random(seed);
  ProcessPath path;
  double offset = 0;
  for (std::size_t t = 0; t < wafers; ++t) {
    offset += std::sqrt(q) * random.normal();
    path.disturbance.push_back(offset + std::sqrt(r) * random.normal());
  }
  return path;
}

double mean_square(const char* name, const std::vector<double>& values, const ProcessPath& path, double r) {
  LoopSettings loop;
  loop.noise_variance = r;
  loop.first = 2000;
  const double sigma = run_loop(path, *make_controller_policy(name)->make(values, r), loop).sigma;
  return sigma * sigma;
}

// The prior variance p of the offset under an EWMA of weight w: p = (1 - w)^2 p + w^2 r + q; the result has p + r.
double ewma_mean_square(double w, double q, double r) { return (w * w * r + q) / (1 - (1 - w) * (1 - w)) + r; }

TEST(Controller, AnEwmaOfARandomWalkHasItsMeanSquare) {
  const double q = 0.04, r = 1;
  const auto path = walk(q, r, 400000, 1);
  for (const double w : {0.05, 0.18, 0.5, 1.0})
    EXPECT_NEAR(mean_square("ewma", {w}, path, r) / ewma_mean_square(w, q, r), 1, 0.01) << w;
}

// Muth 1960: the best weight is (sqrt(k^2 + 4 k) - k) / 2 for k = q / r. Kalman's filter finds it.
TEST(Controller, KalmanSettlesAtTheBestWeight) {
  const double q = 0.04, r = 1, k = q / r, best = (std::sqrt(k * k + 4 * k) - k) / 2;
  const auto filter = make_controller_policy("kalman")->make({q}, r);
  const Sight sight{0, r};
  for (int t = 0; t < 400; ++t) filter->step(&sight);
  EXPECT_NEAR(filter->state[2], best, 1e-12);
  const double p = filter->state[1];  // before a sight: the Riccati equation's root
  EXPECT_NEAR(p * p - q * p - q * r, 0, 1e-12);
  const auto path = walk(q, r, 400000, 2);
  const double kalman = mean_square("kalman", {q}, path, r);
  EXPECT_NEAR(kalman / (p + r), 1, 0.01);
  EXPECT_NEAR(kalman, mean_square("ewma", {best}, path, r), 1e-6);
  for (const double other : {0.6 * best, 1.6 * best}) EXPECT_LT(kalman, mean_square("ewma", {other}, path, r));
}

TEST(Controller, ARampLeavesAnEwmaBehindBySlopeOverLambdaAndTheDoubleNot) {
  ProcessPath ramp;
  for (int t = 0; t < 4000; ++t) ramp.disturbance.push_back(0.01 * t);
  LoopSettings loop;
  loop.first = 3000;
  EXPECT_NEAR(run_loop(ramp, *make_controller_policy("ewma")->make({0.2}, 1), loop).mean, 0.01 / 0.2, 1e-9);
  EXPECT_NEAR(run_loop(ramp, *make_controller_policy("double-ewma")->make({0.2, 0.1}, 1), loop).sigma, 0, 1e-9);
  loop.sampling = loop.delay = 5;  // measured rarely and late, the trend is per wafer still
  EXPECT_NEAR(run_loop(ramp, *make_controller_policy("double-ewma")->make({0.3, 0.2}, 1), loop).sigma, 0, 1e-9);
}

// The predictor-corrector as its authors write it: a_t = l1 z + (1 - l1) a, d_t = l2 (z - a) + (1 - l2) d, forecast a +
// d.
TEST(Controller, TheDoubleEwmaIsThePredictorCorrector) {
  const double l1 = 0.35, l2 = 0.15;
  const auto controller = make_controller_policy("double-ewma")->make({l1, l2}, 1);
  core::Random random(3);
  double a = 0, d = 0;
  for (int t = 0; t < 200; ++t) {
    const double z = 0.05 * t + random.normal();
    const double before = a;
    a = l1 * z + (1 - l1) * a;
    d = l2 * (z - before) + (1 - l2) * d;
    const Sight sight{z, 1};
    controller->step(&sight);
    ASSERT_NEAR(controller->offset(), a + d, 1e-9) << t;
  }
}

// Two readings of a wafer, one after the other, weigh as Kalman's filter weighs them by their variances.
TEST(Controller, WeightsFallWithTheVariance) {
  EXPECT_DOUBLE_EQ(weight(0.25, 1, 1), 0.25);
  EXPECT_DOUBLE_EQ(weight(0.25, 10, 1), 1 / (1 + 10 / (0.25 / 0.75)));  // p / (p + variance), p = 1/3
  EXPECT_DOUBLE_EQ(weight(1, 10, 1), 1);
}

TEST(Controller, EachHasItsParametersAndRefusesOthers) {
  EXPECT_THAT(controller_policies(), testing::ElementsAre("double-ewma", "ewma", "kalman", "none"));
  EXPECT_THROW(make_controller_policy("kalmann"), core::InputError);
  for (const auto& name : controller_policies()) {
    const auto policy = make_controller_policy(name);
    const auto candidates = policy->candidates(2);
    ASSERT_FALSE(candidates.empty());
    for (const auto& values : candidates) EXPECT_EQ(policy->make(values, 2)->offset(), 0) << name;
    if (policy->parameters().empty()) continue;
    EXPECT_THROW(policy->make({}, 1), core::InputError);
    EXPECT_THROW(policy->make(std::vector<double>(policy->parameters().size(), -0.1), 1), core::InputError);
    EXPECT_THROW(policy->make(std::vector<double>(policy->parameters().size(), NAN), 1), core::InputError);
  }
  EXPECT_THROW(make_controller_policy("ewma")->make({1.5}, 1), core::InputError);
}

}  // namespace
}  // namespace wordline::fab
