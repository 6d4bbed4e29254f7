// What is remembered of steps is what was computed, however many counts share a place.
#include "wordline/model/step_memory.h"

#include <gtest/gtest.h>

#include <random>

namespace wordline::model {
namespace {

StepCost cost(std::int64_t major, std::int64_t minor) {
  StepCost out;
  out.time = core::Seconds(static_cast<double>(major * 1000000 + minor));
  return out;
}

TEST(StepMemory, GivesWhatWasComputedForThesePairs) {
  StepMemory memory(2048);
  std::mt19937 random(3);
  for (int i = 0; i < 50000; ++i) {
    const std::int64_t major = random() % 40, minor = random() % 3000;
    const auto got = memory.look_up(major, minor, [&] { return cost(major, minor); });
    ASSERT_EQ(got.time, cost(major, minor).time) << major << ", " << minor;
  }
}

TEST(StepMemory, NeighboursAreComputedOnceThroughItsGrowth) {
  StepMemory memory(1 << 14);
  int computed = 0;
  for (int round = 0; round < 3; ++round)
    for (std::int64_t minor = 0; minor < 4000; ++minor)
      memory.look_up(1, minor, [&] {
        ++computed;
        return cost(1, minor);
      });
  EXPECT_EQ(computed, 4000);
}

}  // namespace
}  // namespace wordline::model
