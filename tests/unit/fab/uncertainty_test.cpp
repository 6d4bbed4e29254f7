// Ranges drawn and swung: known moments, the same numbers on any number of threads, the widest swing first.
#include "wordline/fab/uncertainty.h"

#include <gtest/gtest.h>

#include <cmath>

#include "wordline/core/error.h"

namespace wordline::fab {
namespace {

using Range = core::Range<double>;

struct Moments {
  double mean = 0, variance = 0, low = 1e300, high = -1e300;
};

Moments moments(const Range& range, Distribution distribution) {
  const std::size_t n = 100000;
  const auto drawn = draw({range}, {n, 3, distribution, 1}, [](const std::vector<double>& values) { return values; });
  Moments m;
  for (const auto& sample : drawn) {
    m.mean += sample[0] / double(n);
    m.low = std::min(m.low, sample[0]);
    m.high = std::max(m.high, sample[0]);
  }
  for (const auto& sample : drawn) m.variance += std::pow(sample[0] - m.mean, 2) / double(n);
  return m;
}

TEST(Draw, TriangularHasItsMoments) {
  const Range r{2, 3, 8};
  const Moments m = moments(r, Distribution::triangular);
  const double mean = 13.0 / 3, variance = (4 + 9 + 64 - 2 * 3 - 2 * 8 - 3 * 8) / 18.0;
  EXPECT_NEAR(m.mean, mean, 4 * std::sqrt(variance / 1e5));
  EXPECT_NEAR(m.variance, variance, 0.02 * variance);
  EXPECT_GE(m.low, 2);
  EXPECT_LE(m.high, 8);
}

TEST(Draw, PertHasItsMoments) {
  const Moments m = moments({2, 3, 8}, Distribution::pert);
  const double mean = (2 + 4 * 3 + 8) / 6.0, variance = (mean - 2) * (8 - mean) / 7;
  EXPECT_NEAR(m.mean, mean, 4 * std::sqrt(variance / 1e5));
  EXPECT_NEAR(m.variance, variance, 0.02 * variance);
  EXPECT_GE(m.low, 2);
  EXPECT_LE(m.high, 8);
}

TEST(Draw, ModesAtAnEnd) {
  EXPECT_NEAR(moments({0, 0, 3}, Distribution::triangular).mean, 1, 0.01);
  EXPECT_NEAR(moments({0, 3, 3}, Distribution::triangular).mean, 2, 0.01);
}

TEST(Draw, ThreadsChangeNothingAndSeedsDo) {
  const std::vector<Range> ranges = {{0, 1, 2}, {5, 5, 5}, {1, 2, 9}};
  const auto sum = [](const std::vector<double>& v) { return std::vector<double>{v[0] + v[1] + v[2]}; };
  for (const auto distribution : {Distribution::triangular, Distribution::pert}) {
    const auto one = draw(ranges, {500, 1, distribution, 1}, sum);
    EXPECT_EQ(one, draw(ranges, {500, 1, distribution, 7}, sum));
    EXPECT_NE(one, draw(ranges, {500, 2, distribution, 7}, sum));
  }
}

TEST(Draw, DistributionsByName) {
  EXPECT_EQ(distribution_of("pert"), Distribution::pert);
  EXPECT_THROW(distribution_of("normal"), core::InputError);
}

TEST(Tornado, WidestFirstAndOnlyWhatIsUncertain) {
  const std::vector<Range> ranges = {{1, 2, 3}, {4, 4, 4}, {0, 5, 20}};
  const auto swings = tornado(ranges, [](const std::vector<double>& v) { return 2 * v[0] + 100 * v[1] - v[2]; });
  ASSERT_EQ(swings.size(), 2u);
  EXPECT_EQ(swings[0].input, 2u);
  EXPECT_DOUBLE_EQ(swings[0].at_low, 404);
  EXPECT_DOUBLE_EQ(swings[0].at_high, 384);
  EXPECT_EQ(swings[1].input, 0u);
  EXPECT_DOUBLE_EQ(swings[1].width(), 4);
}

TEST(Inputs, OneKeyOfAFileIsOneInput) {
  Ranged<double> a(Range{1, 2, 3}, {"fab/nodes/x", "wafer.price"}), b = a, other(Range{1, 2, 3}, {"file", "x"}),
                                                                    none(7.0);
  Inputs inputs;
  add_input(inputs, a);
  add_input(inputs, b);
  add_input(inputs, other);
  add_input(inputs, none);
  ASSERT_EQ(inputs.size(), 2u);
  inputs[0].set(2.5);
  EXPECT_EQ(double(a), 2.5);
  EXPECT_EQ(double(b), 2.5);
  EXPECT_EQ(double(other), 2);
}

}  // namespace
}  // namespace wordline::fab
