// A process between its limits, against tables of the normal distribution.
#include "wordline/fab/capability.h"

#include <gtest/gtest.h>

#include "wordline/core/error.h"

namespace wordline::fab {
namespace {

TEST(Capability, TailsAreThoseOfTheTables) {
  EXPECT_NEAR(normal_tail(0), 0.5, 1e-16);
  EXPECT_NEAR(normal_tail(-1.959963984540054), 0.025, 1e-15);
  EXPECT_NEAR(normal_tail(-6) / 9.865876450376946e-10, 1, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-13);
  EXPECT_NEAR(normal_quantile(1e-9), -5.997807015007686, 1e-12);
}

// A Cpk of 1 is three sigma to each limit: 2,700 of a million outside; of 1.33, 66; of 0.8, 1.64 %.
TEST(Capability, OfACentredProcess) {
  const auto c = capability(10, 1, {7, 13});
  EXPECT_DOUBLE_EQ(c.cp, 1);
  EXPECT_DOUBLE_EQ(c.cpk, 1);
  EXPECT_NEAR(c.outside, 0.0026998, 1e-7);
  EXPECT_DOUBLE_EQ(c.outside, outside_of(1));
  EXPECT_NEAR(outside_of(1.33), 66.1e-6, 0.2e-6);
  EXPECT_NEAR(outside_of(0.8), 0.01640, 1e-5);
  EXPECT_NEAR(outside_of(0.8 / 0.785), 0.00223, 2e-5);  // with 21.5 % less sigma
}

TEST(Capability, AMeanOffCentreCountsTheNearerLimit) {
  const auto c = capability(12, 1, {7, 13});
  EXPECT_DOUBLE_EQ(c.cp, 1);
  EXPECT_NEAR(c.cpk, 1.0 / 3, 1e-15);
  EXPECT_NEAR(c.outside, 0.15865525 + 2.87e-7, 1e-8);
}

TEST(Capability, OneLimitIsEnough) {
  const auto c = capability(10, 2, {std::nullopt, 16});
  EXPECT_EQ(c.cp, 0);
  EXPECT_DOUBLE_EQ(c.cpk, 1);
  EXPECT_NEAR(c.outside, 0.0013499, 1e-7);
}

// 50 layers of Cpk 0.8, 1.0 and 1.33, before and after 21.5 % less sigma: large only where Cpk was low.
TEST(Capability, ManyLayers) {
  EXPECT_NEAR(parametric_yield(outside_of(0.8), 50), 0.438, 0.001);
  EXPECT_NEAR(parametric_yield(outside_of(0.8 / 0.785), 50), 0.894, 0.001);
  EXPECT_NEAR(parametric_yield(outside_of(1.0), 50), 0.874, 0.001);
  EXPECT_NEAR(parametric_yield(outside_of(1.0 / 0.785), 50), 0.993, 0.001);
  EXPECT_NEAR(parametric_yield(outside_of(1.33), 50), 0.997, 0.001);
}

TEST(Capability, RefusesWhatIsNoProcess) {
  EXPECT_THROW(capability(0, 0, {-1, 1}), core::InputError);
  EXPECT_THROW(capability(0, 1, {1, -1}), core::InputError);
  EXPECT_THROW(capability(0, 1, {}), core::InputError);
  EXPECT_THROW(normal_quantile(0), core::InputError);
}

}  // namespace
}  // namespace wordline::fab
