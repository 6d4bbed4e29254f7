// What watches over the predictions: intervals, drift, shifts, the sampler.
#include <gtest/gtest.h>

#include <cmath>

#include "wordline/core/random.h"
#include "wordline/fab/metrology/conformal.h"
#include "wordline/fab/metrology/monitor.h"
#include "wordline/fab/metrology/sampler.h"

namespace wordline::fab {
namespace {

Conformal rehearsed(double coverage) {
  core::Random random(1);
  Conformal conformal(coverage, 0.02, 20, 200);
  for (const double age : {1.0, 10.0}) {
    std::vector<double> errors;
    for (int i = 0; i < 500; ++i) errors.push_back(std::abs(age * random.normal()));
    conformal.rehearse(age, errors);
  }
  conformal.begin();
  return conformal;
}

TEST(Conformal, BeginsAsRehearsed) {
  const auto c = rehearsed(0.9);
  EXPECT_NEAR(c.half_width(1), 1.645, 0.25);  // 90 % of a normal distribution
  EXPECT_NEAR(c.half_width(10), 16.45, 2.5);
  EXPECT_GT(c.half_width(3), c.half_width(1));
  EXPECT_LT(c.half_width(3), c.half_width(10));
  EXPECT_EQ(c.half_width(1000), c.half_width(10));
}

// Errors far from those of the rehearsal, then growing, then small: the share of hits comes out all the same.
TEST(Conformal, CoversWhateverTheErrorsDo) {
  for (const double coverage : {0.8, 0.9, 0.95}) {
    auto c = rehearsed(coverage);
    core::Random random(2);
    double hits = 0;
    const int n = 6000;
    for (int i = 0; i < n; ++i) {
      const double scale = i < 2000 ? 5 : i < 4000 ? 5 + 0.01 * (i - 2000) : 0.3;
      const double error = scale * random.normal(), half = c.half_width(1);
      hits += std::abs(error) <= half;
      c.learn(error, 1);
    }
    EXPECT_NEAR(hits / n, coverage, 0.02) << coverage;
  }
}

// A rehearsal without any error, on labels that stood still: the width is nothing until labels say otherwise.
TEST(Conformal, LearnsAWidthThatNobodyRehearsed) {
  Conformal c(0.9, 0.02, 10, 200);
  c.rehearse(1, std::vector<double>(40, 0.0));
  c.begin();
  EXPECT_EQ(c.half_width(1), 0);
  core::Random random(9);
  for (int i = 0; i < 500; ++i) c.learn(7 * random.normal(), 1);
  EXPECT_NEAR(c.half_width(1), 7 * 1.645, 3);
}

// Averages over 1,500 runs of independent normal errors: with allowance 0.5 and limit 5 tables give 465 until a false
// alarm of the two-sided scheme, and 10.4 until a shift of one deviation is seen (Montgomery, Statistical Quality
// Control, table 9.3 for h = 5: 465 and 10.4).
TEST(DriftWatch, RunsAsLongAsTheTablesSay) {
  core::Random random(3);
  const auto mean_run = [&](double shift) {
    double total = 0;
    const int runs = 1500;
    for (int run = 0; run < runs; ++run) {
      DriftWatch watch(0.5, 5);
      int n = 1;
      while (!watch.sees(shift + random.normal())) ++n;
      total += n;
    }
    return total / runs;
  };
  EXPECT_NEAR(mean_run(0), 465, 45);
  EXPECT_NEAR(mean_run(1), 10.4, 0.4);
  EXPECT_NEAR(mean_run(-1), 10.4, 0.4);
}

TEST(ShiftWatch, TellsAShiftFromAnException) {
  core::Random random(4);
  ShiftWatch watch(0.05, 4, 2);
  watch.start(8);
  std::vector<double> x(8);
  int shifts = 0, novel = 0;
  const auto see = [&](double offset) {
    for (double& value : x) value = offset + random.normal();
    const auto seen = watch.see(x.data());
    shifts += seen.shift;
    novel += seen.novel;
    return seen;
  };
  for (int i = 0; i < 500; ++i) see(0);
  EXPECT_EQ(shifts, 0);
  EXPECT_LE(novel, 3);
  novel = 0;
  EXPECT_TRUE(see(6).novel);  // one wafer of another kind
  for (int i = 0; i < 20; ++i) see(0);
  EXPECT_EQ(shifts, 0);
  EXPECT_TRUE(see(6).novel);  // and a maintenance
  EXPECT_TRUE(see(6).shift);
  for (int i = 0; i < 100; ++i) see(6);
  EXPECT_EQ(shifts, 1);
}

TEST(ShiftWatch, WithoutFeaturesThereIsNoAlarm) {
  ShiftWatch watch(0.05, 4, 2);
  watch.start(0);
  EXPECT_FALSE(watch.see(nullptr).novel);
}

TEST(Sampler, MeasuresEveryNthAndKeepsAReserve) {
  Sampler sampler(0.1, 1);
  int routine = 0;
  for (int i = 0; i < 1000; ++i) routine += sampler.measure(false);
  EXPECT_EQ(routine, 100);
  // At once, since one is in reserve; not a second time, since it is spent.
  EXPECT_TRUE(sampler.measure(true));
  EXPECT_FALSE(sampler.measure(true));
  int all = 0;
  for (int i = 0; i < 10000; ++i) all += sampler.measure(i % 3 == 0);
  EXPECT_NEAR(all, 1000, 2);
}

TEST(Sampler, MeasuresAllWhereItMay) {
  Sampler sampler(1, 1);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(sampler.measure(i % 2 == 0));
}

}  // namespace
}  // namespace wordline::fab
