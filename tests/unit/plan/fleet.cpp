#include "wordline/plan/fleet.h"

#include <gtest/gtest.h>

namespace {

using namespace wordline;

plan::Fleet fleet(double load, double each, std::int64_t per = 10) {
  return plan::fleet_for(core::Hertz(load), core::Hertz(each), per);
}

TEST(Fleet, ServesTheLoadWithWholeReplicas) {
  EXPECT_EQ(fleet(565, 10).serving, 57);
  EXPECT_EQ(fleet(560, 10).serving, 56);
  EXPECT_EQ(fleet(0.1, 10).serving, 1);
}

TEST(Fleet, OneSpareForEachStartedTen) {
  EXPECT_EQ(fleet(10, 1).spare, 1);
  EXPECT_EQ(fleet(10.5, 1).spare, 2);
  EXPECT_EQ(fleet(1, 1).spare, 1);
  EXPECT_EQ(fleet(100, 1).replicas(), 110);
}

TEST(Fleet, SparesCanBeLeftOut) { EXPECT_EQ(fleet(100, 1, 0).replicas(), 100); }

}  // namespace
