// Student's t against printed tables, and an interval by hand.
#include "wordline/serve/confidence.h"

#include <gtest/gtest.h>

#include <cmath>

namespace wordline::serve {
namespace {

TEST(Confidence, KnowsStudentsT) {  // two-sided 95 %: any statistics book's table
  EXPECT_NEAR(student_t95(1), 12.706, 5e-4);
  EXPECT_NEAR(student_t95(2), 4.303, 5e-4);
  EXPECT_NEAR(student_t95(3), 3.182, 5e-4);
  EXPECT_NEAR(student_t95(4), 2.776, 5e-4);
  EXPECT_NEAR(student_t95(9), 2.262, 5e-4);
  EXPECT_NEAR(student_t95(30), 2.042, 5e-4);
  EXPECT_NEAR(student_t95(1000), 1.962, 5e-4);
}

TEST(Confidence, HasTheHalfWidthOfAFewSamples) {
  const auto of = confidence95({4, 6, 8});  // deviation 2, t 4.303, over the root of 3
  EXPECT_DOUBLE_EQ(of.mean, 6);
  EXPECT_NEAR(of.half_width, 4.303 * 2 / std::sqrt(3), 1e-3);
}

TEST(Confidence, KnowsNothingOfOneSample) {
  EXPECT_DOUBLE_EQ(confidence95({5}).mean, 5);
  EXPECT_TRUE(std::isinf(confidence95({5}).half_width));
}

}  // namespace
}  // namespace wordline::serve
