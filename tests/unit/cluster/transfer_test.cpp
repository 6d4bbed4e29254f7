// Collectives against their closed forms, on ports whose library is not known.
#include "wordline/cluster/transfer.h"

#include "ports.h"
#include "wordline/core/error.h"

namespace wordline::cluster {
namespace {

using namespace core;

constexpr double tick = 1e-12;

TEST(Transfer, RingAllReduceIsTwoPhasesOfShares) {
  const auto cost = cost_of(group(8), transfer(Collective::all_reduce, 64e6), "ring");
  EXPECT_NEAR(cost.link.value(), 14 * 0.8e-6 + 2 * 7.0 / 8 * 64e6 / 450e9, tick);
  EXPECT_NEAR(cost.time.value(), cost.link.value() + 3e-6, tick);
  EXPECT_NEAR(cost.joules.value(), cost.time.value() * 8 * 70, 1e-9);
}

TEST(Transfer, WhatIsSentTakesEnergyOnTheLinkAndInBothCaches) {
  Group with = group(8);
  with.port.energy = JoulesPerByte(40e-12);
  with.cache = JoulesPerByte(50e-12);
  const auto more = [&](Collective collective) {
    const auto move = transfer(collective, 64e6);
    return cost_of(with, move, "").joules.value() - cost_of(group(8), move, "").joules.value();
  };
  EXPECT_NEAR(more(Collective::all_reduce), 8 * 2 * 7.0 / 8 * 64e6 * 140e-12, 1e-9);
  EXPECT_NEAR(more(Collective::all_gather), 8 * 7.0 / 8 * 64e6 * 140e-12, 1e-9);
  EXPECT_NEAR(more(Collective::send_recv), 8 * 64e6 * 140e-12, 1e-9);
}

TEST(Transfer, RingAllGatherAndReduceScatterAreOnePhase) {
  for (const auto collective : {Collective::all_gather, Collective::reduce_scatter})
    EXPECT_NEAR(cost_of(group(4), transfer(collective, 1e6), "ring").link.value(), 3 * 0.8e-6 + 3.0 / 4 * 1e6 / 450e9,
                tick);
}

TEST(Transfer, RingPassesAnAllToAllOnLinkByLink) {
  const auto cost = cost_of(group(8, "torus"), transfer(Collective::all_to_all, 8e6));
  EXPECT_EQ(cost.algorithm, "ring");  // 8 of 64 chips: 2 of the 4 links of each
  EXPECT_NEAR(cost.link.value(), 7 * 0.8e-6 + 4 * 7.0 / 8 * 8e6 / 225e9, tick);
}

TEST(Transfer, OneShotTakesAllVectorsInOneHop) {
  const auto reduce = cost_of(group(8), transfer(Collective::all_reduce, 16384), "one_shot");
  EXPECT_NEAR(reduce.link.value(), 0.8e-6 + 7 * 16384 / 450e9, tick);
  const auto gather = cost_of(group(8), transfer(Collective::all_gather, 16384), "one_shot");
  EXPECT_NEAR(gather.link.value(), 0.8e-6 + 7.0 / 8 * 16384 / 450e9, tick);
}

TEST(Transfer, TwoShotSumsSharesAndReadsThem) {
  const auto cost = cost_of(group(8), transfer(Collective::all_reduce, 1e6));
  EXPECT_EQ(cost.algorithm, "two_shot");
  EXPECT_NEAR(cost.link.value(), 1.6e-6 + 2 * 7.0 / 8 * 1e6 / 450e9, tick);
  EXPECT_THROW(cost_of(group(8), transfer(Collective::all_reduce, 9e6), "two_shot"), UsageError);
}

TEST(Transfer, TreeTakesTheLogarithmOfTheChips) {
  for (const auto& [chips, depth] : {std::pair{2, 1}, {3, 2}, {4, 2}, {8, 3}, {9, 4}})
    EXPECT_NEAR(cost_of(group(chips), transfer(Collective::all_reduce, 1e6), "tree").link.value(),
                2 * depth * 0.8e-6 + 2e6 / 450e9, tick);
}

TEST(Transfer, PairwiseSendsEachPartStraightToItsChip) {
  EXPECT_NEAR(cost_of(group(8), transfer(Collective::all_to_all, 8e6)).link.value(), 0.8e-6 + 7e6 / 450e9, tick);
  EXPECT_NEAR(cost_of(group(8), transfer(Collective::send_recv, 8e6)).link.value(), 0.8e-6 + 8e6 / 450e9, tick);
}

TEST(Transfer, TheFastestIsChosen) {
  EXPECT_EQ(cost_of(group(8), transfer(Collective::all_reduce, 16384)).algorithm, "one_shot");
  EXPECT_EQ(cost_of(group(8), transfer(Collective::all_reduce, 256e6)).algorithm, "ring");
  EXPECT_EQ(cost_of(group(8, "ring"), transfer(Collective::all_reduce, 16384)).algorithm, "ring");
}

TEST(Transfer, WithoutASwitchOnePeerGetsItsLinksOnly) {
  Group mesh = group(8);
  mesh.port.switched = false;
  mesh.port.largest_group = 8;
  mesh.port.bandwidth = gigabytes_per_second(525);
  EXPECT_NEAR(to_one(mesh).value(), 75e9, 1);  // Gaudi 3: 3 links of 200 Gb/s
  EXPECT_NEAR(to_all(mesh).value(), 525e9, 1);
  mesh.chips = 4;
  EXPECT_NEAR(to_all(mesh).value(), 225e9, 1);
  EXPECT_NEAR(cost_of(mesh, transfer(Collective::send_recv, 75e6)).link.value(), 0.8e-6 + 1e-3, tick);
}

TEST(Transfer, ARingThatIsNotTheWholeHasOneLink) {
  Group ring = group(12, "ring");
  ring.port.largest_group = 12;
  EXPECT_NEAR(to_all(ring).value(), 450e9, 1);
  ring.chips = 4;
  EXPECT_NEAR(to_all(ring).value(), 225e9, 1);
  EXPECT_NEAR(to_all(group(2, "torus")).value(), 112.5e9, 1);
}

TEST(Transfer, WhatATopologyLacksIsRefused) {
  for (const char* name : {"one_shot", "two_shot", "tree", "nvls"})
    EXPECT_THROW(cost_of(group(8, "torus"), transfer(Collective::all_reduce, 1), name), UsageError) << name;
  EXPECT_THROW(cost_of(group(8), transfer(Collective::all_reduce, 1), "telegraph"), UsageError);
  EXPECT_THROW(cost_of(group(8), transfer(Collective::all_reduce, -1)), InputError);
}

TEST(Transfer, OneChipTakesNoTime) {
  for (const auto collective : all_collectives())
    EXPECT_EQ(cost_of(group(1), transfer(collective, 1e9)).time, seconds(0));
}

TEST(Transfer, NamesReadBack) {
  for (const auto collective : all_collectives()) EXPECT_EQ(collective_of(name_of(collective)), collective);
  EXPECT_EQ(collective_of("alltoall"), Collective::all_to_all);
  EXPECT_THROW(collective_of("all_reduced"), UsageError);
  EXPECT_THROW(software_of("nccl2"), UsageError);
}

// What every chip must take in at least. A switch that adds up hands on 1 sum instead of n-1 parts.
double least_bytes(Collective collective, const Group& g, double amount) {
  if (collective == Collective::send_recv) return amount;
  return (collective == Collective::all_reduce && !g.port.in_network_reduction ? 2 : 1) * (g.chips - 1.0) / g.chips *
         amount;
}

TEST(Transfer, TimeNeverFallsWithBytesOrChipsAndNeverBeatsThePort) {
  for (const auto& make : {+[](int n) { return group(n); }, +[](int n) { return group(n, "ring"); },
                           +[](int n) { return group(n, "torus"); }, +[](int n) { return nvlink(n, false); },
                           +[](int n) { return nvlink(n, true); }})
    for (const auto software : {Software::nccl, Software::tensorrt_llm, Software::vllm})
      for (const auto collective : all_collectives())
        for (double amount = 1; amount < 1e10; amount *= 3.7) {
          Seconds fewer;
          for (const int n : {3, 4, 6, 8}) {
            Group g = make(n);
            g.software = software;
            const auto cost = cost_of(g, transfer(collective, amount));
            EXPECT_GE(cost.link.value() + tick, least_bytes(collective, g, amount) / 450e9);
            EXPECT_GE(cost.time, cost_of(g, transfer(collective, amount / 1.3)).time) << name_of(collective) << amount;
            if (collective == Collective::all_reduce && !g.port.in_network_reduction) {
              EXPECT_GE(cost.time, fewer) << n;
            }
            fewer = cost.time;
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
