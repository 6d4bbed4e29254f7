// A line's output, Little's law, and how long an order takes.
#include "wordline/fab/capacity.h"

#include <gtest/gtest.h>

namespace wordline::fab {
namespace {

Line line() { return {120000 / core::months(1), core::months(6), 60, core::gigabytes(16)}; }

TEST(Capacity, OfALine) {
  const Capacity c = capacity_of(line());
  EXPECT_NEAR(c.products_per_month, 7.2e6, 1e-3);
  EXPECT_NEAR(c.bytes_per_month.in(core::gigabytes(1)), 7.2e6 * 16, 1);
  EXPECT_NEAR(c.wafers_in_progress, 720000, 1e-3);
}

TEST(Capacity, OfAnOrder) {
  const Order o = order_of(line(), 7.2e6);
  EXPECT_NEAR(o.wafers, 120000, 1e-6);
  EXPECT_NEAR(o.until_done.in(core::months(1)), 7, 1e-9);
}

}  // namespace
}  // namespace wordline::fab
