// The loop: when a reading is known, how late ones are taken in, how readings are joined.
#include "wordline/fab/control/loop.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "wordline/core/random.h"
#include "wordline/fab/control/compare.h"

namespace wordline::fab {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

LoopSettings rarely(std::int64_t sampling, std::int64_t delay) {
  LoopSettings loop;
  loop.sampling = sampling;
  loop.delay = delay;
  loop.keep_outcomes = true;
  return loop;
}

// A step of 1 from the first wafer on, an EWMA of weight 1: the wafer at which it is gone tells when it was known.
TEST(ControlLoop, AReadingIsKnownWhenItsDelayHasPassed) {
  ProcessPath path;
  path.disturbance.assign(10, 1.0);
  const auto run = [&](std::int64_t sampling, std::int64_t delay) {
    return run_loop(path, *make_controller_policy("ewma")->make({1}, 1), rarely(sampling, delay)).outcomes;
  };
  EXPECT_THAT(run(1, 1), ElementsAre(1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(run(1, 4), ElementsAre(1, 1, 1, 1, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(run(3, 2), ElementsAre(1, 1, 1, 1, 0, 0, 0, 0, 0, 0));  // wafer 2 is measured, known before wafer 4
  EXPECT_THAT(run(3, 9), ElementsAre(1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
}

// The recipe's gain is not what the controller takes it for: the loop of weight w shrinks the rest by 1 - w g a wafer.
TEST(ControlLoop, AWrongGainStillSettles) {
  ProcessPath path;
  path.disturbance.assign(60, 1.0);
  LoopSettings loop = rarely(1, 1);
  loop.gain = 2;
  loop.model_gain = 1;
  const auto outcomes = run_loop(path, *make_controller_policy("ewma")->make({0.3}, 1), loop).outcomes;
  for (std::size_t t = 0; t < 20; ++t) EXPECT_NEAR(outcomes[t], std::pow(1 - 0.3 * 2, t), 1e-12);
}

// Kalman's filter with late measurements ends up with what it had known had they been in time: going over the wafers
// again is exact.
TEST(ControlLoop, LateMeasurementsEndWhereTimelyOnesDo) {
  core::Random random(4);
  ProcessPath path;
  for (int t = 0; t < 60; ++t) {
    path.disturbance.push_back(random.normal());
    path.prediction_error.push_back(0.5 * random.normal());
    path.prediction_variance.push_back(0.25);
  }
  const auto offset = [&](std::int64_t delay, double metrology_variance) {
    const auto controller = make_controller_policy("kalman")->make({0.05}, 1);
    LoopSettings loop = rarely(7, delay);
    loop.metrology_variance = metrology_variance;
    run_loop(path, *controller, loop);
    return controller->offset();
  };
  // 60 wafers: the last measured is wafer 55, known with a delay of up to 5.
  EXPECT_NEAR(offset(1, 0), offset(5, 0), 1e-12);
  EXPECT_NEAR(offset(1, 0.3), offset(4, 0.3), 1e-12);
  EXPECT_GT(std::abs(offset(1, 0) - offset(6, 0)), 1e-6);
}

// A prediction without error is a measurement of every wafer at once.
TEST(ControlLoop, AFlawlessPredictionIsAMeasurement) {
  core::Random random(5);
  ProcessPath measured;
  for (int t = 0; t < 300; ++t) measured.disturbance.push_back(random.normal());
  ProcessPath predicted = measured;
  predicted.prediction_error.assign(300, 0);
  predicted.prediction_variance.assign(300, 1e-18);
  const auto policy = make_controller_policy("kalman");
  const auto a = run_loop(measured, *policy->make({0.1}, 1), rarely(1, 1)).outcomes;
  const auto b = run_loop(predicted, *policy->make({0.1}, 1), rarely(25, 25)).outcomes;
  for (std::size_t t = 0; t < a.size(); ++t) ASSERT_NEAR(a[t], b[t], 1e-9);
  predicted.prediction_error.assign(300, std::numeric_limits<double>::quiet_NaN());  // said of no wafer: as without
  EXPECT_EQ(run_loop(predicted, *policy->make({0.1}, 1), rarely(25, 25)).outcomes,
            run_loop(measured, *policy->make({0.1}, 1), rarely(25, 25)).outcomes);
}

// A bias of virtual metrology is learned from the measured wafers where it may be there, and stays where it may not.
TEST(ControlLoop, MeasurementsTakeOutTheBias) {
  core::Random random(6);
  ProcessPath path;
  for (int t = 0; t < 20000; ++t) {
    path.disturbance.push_back(random.normal());
    path.prediction_error.push_back(2 + 0.5 * random.normal());
    path.prediction_variance.push_back(0.25);
  }
  const auto mean = [&](double bias_variance) {
    LoopSettings loop = rarely(25, 25);
    loop.bias_variance = bias_variance;
    loop.first = 10000;
    return run_loop(path, *make_controller_policy("ewma")->make({0.05}, 1), loop).mean;
  };
  EXPECT_NEAR(mean(4), 0, 0.1);
  EXPECT_NEAR(mean(0), -2, 0.3);
}

TEST(ControlLoop, TheDisturbanceDoesNotDependOnTheMetrology) {
  Process p;
  p.walk_sd = 0.1;
  p.noise_sd = 1;
  p.jump_sd = 2;
  p.maintenance_wafers = 50;
  const auto a = simulate(p, 500, 0, 9, 3), b = simulate(p, 500, 1, 9, 3);
  EXPECT_EQ(a.disturbance, b.disturbance);
  EXPECT_TRUE(a.prediction_error.empty());
  EXPECT_NE(a.disturbance, simulate(p, 500, 0, 9, 4).disturbance);
  EXPECT_NE(a.disturbance, simulate(p, 500, 0, 10, 3).disturbance);
}

// Over many wafers the parts of the disturbance have their variances: differences over k wafers have 2 noise + k walk,
// and the jumps between.
TEST(ControlLoop, TheDisturbanceHasItsVariances) {
  Process p;
  p.walk_sd = 0.3;
  p.noise_sd = 1;
  p.jump_sd = 2;
  p.maintenance_wafers = 10;
  const auto x = simulate(p, 400000, 0, 1, 0).disturbance;
  for (const std::size_t k : {1, 10}) {
    double squares = 0;
    for (std::size_t t = k; t < x.size(); ++t) squares += (x[t] - x[t - k]) * (x[t] - x[t - k]);
    const auto lag = static_cast<double>(k);
    EXPECT_NEAR(squares / static_cast<double>(x.size() - k) / (2 + lag * 0.09 + lag / 10 * 4), 1, 0.02) << k;
  }
}

TEST(ControlCompare, EstimatesHaveTheIntervalOfAMean) {
  const auto e = estimate_of({1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(e.mean, 2.5);
  EXPECT_NEAR(e.half_width, 1.959963985 * std::sqrt(5.0 / 3 / 4), 1e-6);
  EXPECT_EQ(estimate_of({7}).half_width, 0);
}

TEST(ControlCompare, IsTheSameOnAnyNumberOfThreads) {
  Process p;
  p.walk_sd = 0.2;
  p.noise_sd = 1;
  p.sampling = p.delay = 10;
  p.vm_sds = {0.5};
  ControlSettings s;
  s.controllers = {"ewma", "none"};
  s.wafers = 400;
  s.runs = s.tuning_runs = 3;
  std::vector<std::vector<ControlRow>> all;
  for (const unsigned threads : {1u, 3u}) {
    s.threads = threads;
    all.push_back(compare(p, s));
  }
  ASSERT_EQ(all[0].size(), 3u);  // without control virtual metrology makes no difference
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(all[0][i].sigma.mean, all[1][i].sigma.mean);
    EXPECT_EQ(all[0][i].values, all[1][i].values);
  }
  EXPECT_FALSE(all[0][0].change);
  ASSERT_TRUE(all[0][1].change);
  EXPECT_LT(all[0][1].change->mean, 0);
}

}  // namespace
}  // namespace wordline::fab
