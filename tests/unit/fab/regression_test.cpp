// Ridge regression and recursive least squares against each other and against their definitions.
#include <gtest/gtest.h>

#include <cmath>

#include "wordline/core/random.h"
#include "wordline/fab/metrology/ridge.h"
#include "wordline/fab/metrology/ud_filter.h"

namespace wordline::fab {
namespace {

// y = 3 + x0 - 2 x1 + noise, on `features` features of which the others say nothing.
Labelled made(std::size_t rows, std::size_t features, double noise, std::uint64_t seed) {
  core::Random random(seed);
  Labelled out{features, {}, {}};
  std::vector<double> x(features);
  for (std::size_t i = 0; i < rows; ++i) {
    for (double& value : x) value = random.normal();
    out.add(x.data(), 3 + x[0] - 2 * x[1] + noise * random.normal());
  }
  return out;
}

TEST(Ridge, FindsWhatMadeTheData) {
  const auto fit = fit_ridge(made(2000, 5, 0.1, 1));
  EXPECT_NEAR(fit.intercept, 3, 0.02);
  EXPECT_NEAR(fit.weights[0], 1, 0.02);
  EXPECT_NEAR(fit.weights[1], -2, 0.02);
  EXPECT_NEAR(fit.weights[4], 0, 0.02);
  EXPECT_NEAR(fit.leave_one_out, 0.01, 0.001);
}

TEST(Ridge, LeavesOneOutAsIfItHadBeenLeftOut) {
  const auto all = made(20, 4, 1, 2);
  for (const double penalty : {0.5, 7.0}) {
    double sum = 0;
    for (std::size_t out = 0; out < all.rows(); ++out) {
      Labelled rest{all.features, {}, {}};
      for (std::size_t i = 0; i < all.rows(); ++i)
        if (i != out) rest.add(all.row(i), all.y[i]);
      const double error = fit_ridge(rest, penalty, false).predict(all.row(out)) - all.y[out];
      sum += error * error;
    }
    EXPECT_NEAR(fit_ridge(all, penalty, false).leave_one_out / (sum / 20), 1, 1e-10) << penalty;
  }
}

// With noise far above the signal the chosen penalty is large; with none it is small.
TEST(Ridge, ChoosesThePenaltyByTheData) {
  EXPECT_LE(fit_ridge(made(60, 30, 0.01, 3)).penalty, 1);
  EXPECT_GE(fit_ridge(made(60, 30, 30, 3)).penalty, 30);
}

TEST(Ridge, IsThatOfMoreFeaturesThanRows) {
  const auto few = made(10, 40, 0.1, 4);
  const auto fit = fit_ridge(few, 1e-6);
  for (std::size_t i = 0; i < few.rows(); ++i) EXPECT_NEAR(fit.predict(few.row(i)), few.y[i], 1e-3);
}

TEST(Dot, SumsAllOfIt) {
  for (std::size_t n = 0; n < 40; ++n) {
    std::vector<double> a(n), b(n);
    double wanted = 0;
    for (std::size_t i = 0; i < n; ++i)
      wanted += (a[i] = static_cast<double>(i) + 1) * (b[i] = 2.0 * static_cast<double>(i) - 7);
    EXPECT_DOUBLE_EQ(dot(a.data(), b.data(), n), wanted) << n;
  }
}

TEST(UdFilter, IsRidgeRegressionWhereItForgetsNothing) {
  const auto rows = made(50, 7, 0.5, 5);
  UdFilter filter(7, 1 / 2.5, 1);
  for (std::size_t i = 0; i < rows.rows(); ++i) filter.learn(rows.row(i), rows.y[i]);
  const auto fit = fit_ridge(rows, 2.5, false);
  for (std::size_t j = 0; j < 7; ++j) EXPECT_NEAR(filter.weights()[j], fit.weights[j], 1e-12);
}

// Weights of wafers fall by `forgetting` each: a regression of rows scaled by the root of their weights. The penalty is
// small, so that what the filter keeps of it does not count.
TEST(UdFilter, ForgetsAtItsRate) {
  const double forgetting = 0.9, penalty = 1e-9;
  const auto rows = made(80, 3, 0.5, 6);
  UdFilter filter(3, 1 / penalty, forgetting);
  Labelled scaled{3, {}, {}};
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    filter.learn(rows.row(i), rows.y[i]);
    const double root = std::sqrt(std::pow(forgetting, static_cast<double>(rows.rows() - 1 - i)));
    const double x[] = {root * rows.row(i)[0], root * rows.row(i)[1], root * rows.row(i)[2]};
    scaled.add(x, root * rows.y[i]);
  }
  const auto fit = fit_ridge(scaled, penalty, false);
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(filter.weights()[j], fit.weights[j], 1e-6);
}

// A feature that stands still for a hundred thousand wafers and then moves: nothing wound up, nothing overflowed.
TEST(UdFilter, DoesNotWindUp) {
  core::Random random(7);
  UdFilter filter(3, 1, 0.95);
  const auto step = [&](bool third_moves) {
    const double x[] = {random.normal(), 1, third_moves ? random.normal() : 0};
    filter.learn(x, 2 * x[0] + 1 + 0.5 * x[2] + 0.1 * random.normal());
  };
  for (int i = 0; i < 100000; ++i) step(false);
  for (const double w : filter.weights()) ASSERT_TRUE(std::isfinite(w));
  for (int i = 0; i < 300; ++i) step(true);
  EXPECT_NEAR(filter.weights()[0], 2, 0.1);
  EXPECT_NEAR(filter.weights()[2], 0.5, 0.1);
}

// Features that are copies of each other have no unique weights; the predictions are right all the same.
TEST(UdFilter, BearsCopiesOfAFeature) {
  core::Random random(8);
  UdFilter filter(20, 1, 1);
  std::vector<double> x(20);
  for (int i = 0; i < 20000; ++i) {
    std::fill(x.begin(), x.end(), random.normal());
    filter.learn(x.data(), 3 * x[0]);
  }
  std::fill(x.begin(), x.end(), 1.0);
  EXPECT_NEAR(filter.predict(x.data()), 3, 1e-3);
}

TEST(Deviations, AreFromTheRowsBefore) {
  const Labelled rows{1, {1, 3, 2}, {10, 14, 11}};
  const auto d = deviations_of(rows, 0.5);
  EXPECT_EQ(d.rows.x, (std::vector<double>{0, 2, 0}));
  EXPECT_EQ(d.rows.y, (std::vector<double>{0, 4, -1}));
  EXPECT_EQ(d.mean_features, (std::vector<double>{2}));
  EXPECT_EQ(d.mean_label, 11.5);
}

}  // namespace
}  // namespace wordline::fab
