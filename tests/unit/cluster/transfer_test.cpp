// Collectives against their closed forms.
#include "wordline/cluster/transfer.h"

#include "wordline/core/error.h"

namespace wordline::cluster {
namespace {

using namespace core;

Group group(int chips, const std::string& topology = "all-to-all") {
  chip::Port port;
  port.bandwidth = gigabytes_per_second(450);
  port.latency = microseconds(0.8);
  port.largest_group = 64;
  port.topology = topology;
  return {chips, port, microseconds(3), watts(70)};
}

Transfer transfer(Collective collective, double amount) { return {"t", collective, bytes(amount)}; }

constexpr double tick = 1e-12;

TEST(Transfer, RingAllReduceIsTwoPhasesOfShares) {
  const auto cost = cost_of(group(8), transfer(Collective::all_reduce, 64e6), "ring");
  EXPECT_NEAR(cost.link.value(), 14 * 0.8e-6 + 2 * 7.0 / 8 * 64e6 / 450e9, tick);
  EXPECT_NEAR(cost.time.value(), cost.link.value() + 3e-6, tick);
  EXPECT_NEAR(cost.joules.value(), cost.time.value() * 8 * 70, 1e-9);
}

TEST(Transfer, RingAllGatherIsOnePhase) {
  const auto cost = cost_of(group(4), transfer(Collective::all_gather, 1e6), "ring");
  EXPECT_NEAR(cost.link.value(), 3 * 0.8e-6 + 3.0 / 4 * 1e6 / 450e9, tick);
}

TEST(Transfer, OneShotTakesAllVectorsInOneHop) {
  const auto reduce = cost_of(group(8), transfer(Collective::all_reduce, 16384), "one_shot");
  EXPECT_NEAR(reduce.link.value(), 0.8e-6 + 7 * 16384 / 450e9, tick);
  const auto gather = cost_of(group(8), transfer(Collective::all_gather, 16384), "one_shot");
  EXPECT_NEAR(gather.link.value(), 0.8e-6 + 7.0 / 8 * 16384 / 450e9, tick);
}

TEST(Transfer, TheFastestIsChosen) {
  EXPECT_EQ(cost_of(group(8), transfer(Collective::all_reduce, 16384)).algorithm, "one_shot");
  EXPECT_EQ(cost_of(group(8), transfer(Collective::all_reduce, 256e6)).algorithm, "ring");
  EXPECT_EQ(cost_of(group(8, "ring"), transfer(Collective::all_reduce, 16384)).algorithm, "ring");
}

TEST(Transfer, OneShotNeedsALinkFromEachToEach) {
  EXPECT_THROW(cost_of(group(8, "torus"), transfer(Collective::all_reduce, 1), "one_shot"), UsageError);
  EXPECT_THROW(cost_of(group(8), transfer(Collective::all_reduce, 1), "tree"), UsageError);
}

TEST(Transfer, OneChipTakesNoTime) {
  EXPECT_EQ(cost_of(group(1), transfer(Collective::all_reduce, 1e9)).time, seconds(0));
}

TEST(Transfer, TimeNeverFallsWithBytesAndNeverBeatsTheLink) {
  for (const auto collective : {Collective::all_reduce, Collective::all_gather})
    for (const int n : {2, 3, 4, 8, 16}) {
      Seconds before;
      for (double amount = 1; amount < 1e10; amount *= 1.7) {
        const auto cost = cost_of(group(n), transfer(collective, amount));
        EXPECT_GE(cost.time, before) << n << " chips, " << amount;
        before = cost.time;
        // Each chip must take in at least the part that it lacks.
        EXPECT_GE(cost.link.value() + tick, (n - 1.0) / n * amount / 450e9);
      }
    }
}

TEST(Group, APortJoinsNoMoreThanItsLargestGroup) {
  chip::Chip chip;
  chip.name = "x";
  EXPECT_NO_THROW(group_of(chip, 1));
  EXPECT_THROW(group_of(chip, 2), InputError);
  EXPECT_THROW(group_of(chip, 0), InputError);
}

}  // namespace
}  // namespace wordline::cluster
