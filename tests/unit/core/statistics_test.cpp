#include "wordline/core/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "wordline/core/random.h"

namespace wordline::core {
namespace {

TEST(Samples, PercentilesAreNumpys) {
  Samples s;
  for (const double x : {4.0, 1.0, 3.0, 2.0}) s.add(x);
  EXPECT_DOUBLE_EQ(s.percentile(50), 2.5);
  EXPECT_DOUBLE_EQ(s.percentile(99), 3.97);  // numpy.percentile([1,2,3,4], 99)
  EXPECT_DOUBLE_EQ(s.mean(), 2.5);
  EXPECT_DOUBLE_EQ(s.deviation(), std::sqrt(1.25));
  EXPECT_EQ(Samples().percentile(50), 0);
}

TEST(Histogram, IsExactWhereSmallAndNearWhereLarge) {
  Histogram small, large;
  Random random(7);
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20000; ++i) {
    small.add(random.below(4000));
    values.push_back(random.below(std::uint64_t{1} << 40));
    large.add(values.back());
  }
  EXPECT_LT(small.percentile(100), 4000);
  std::sort(values.begin(), values.end());
  for (const double p : {1.0, 50.0, 99.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(p / 100 * 20000)) - 1;
    EXPECT_NEAR(large.percentile(p) / static_cast<double>(values[rank]), 1, 1.0 / 2048);
  }
  double sum = 0;
  for (const auto v : values) sum += static_cast<double>(v);
  EXPECT_NEAR(large.mean() / (sum / 20000), 1, 1e-12);
}

TEST(Histogram, MergingEqualsCountingTogether) {
  Histogram a, b, both;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    (i % 3 ? a : b).add(i * i);
    both.add(i * i);
  }
  a.merge(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.percentile(77), both.percentile(77));
  EXPECT_EQ(a.max(), both.max());
}

TEST(Sketch, StaysWithinItsError) {
  Sketch sketch, first, second;
  Samples exact;
  Random random(3);
  for (int i = 0; i < 50000; ++i) {
    const double x = random.lognormal(0, 2);
    sketch.add(x);
    (i % 2 ? first : second).add(x);
    exact.add(x);
  }
  first.merge(second);
  for (const double p : {5.0, 50.0, 99.0, 99.9}) {
    EXPECT_NEAR(sketch.percentile(p) / exact.percentile(p), 1, 0.0065) << p;
    EXPECT_EQ(sketch.percentile(p), first.percentile(p));
  }
}

}  // namespace
}  // namespace wordline::core
