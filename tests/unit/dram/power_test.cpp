#include "wordline/dram/power.h"

#include <gtest/gtest.h>

#include "test_parts.h"

namespace wordline::dram {
namespace {

using testing::part;

// By hand from HBM-Power's rails of HBM3E at 6.4 Gb/s (one pseudo-channel, 1.1 V).
TEST(Power, Hbm3RailsGiveTheKnownEnergies) {
  const Part p = part("hbm3-6400-8h-16gb");
  EXPECT_NEAR(p.power.read.value() * 1e12 / 256, 4.257, 0.005);  // pJ/bit: 1.1 V * (863.8 - 71.2) mA * 1.25 ns / 256
  const double activate_pj =
      1.1 * (106.1 * 45.0 - 71.2 * 28.125 - 70.5 * 16.25) + 1.1 * 106.1 * (28.125 + 16.25 - 45.0);
  EXPECT_NEAR(p.power.activate.value() * 1e12, activate_pj, 1);
  EXPECT_NEAR(p.power.idle.value() * 2, 1.1 * 70.5e-3, 1e-9);  // two stack ids share a pseudo-channel's rails
  EXPECT_NEAR(p.power.refresh[0].value() * 2 * 1e9, 1.1 * (164.7 - 73.3) * 350e-3, 0.01);  // nJ a pseudo-channel
  EXPECT_NEAR(p.power.refresh[1].value() * 16, p.power.refresh[0].value(), 1e-15);
}

// H200, random 128-byte reads (four columns an activation) at 4.52 TB/s: 218 to 222 W above idle by these rails.
TEST(Power, H200RandomReadsComeOutWhereTheRailsSay) {
  const Part p = part("hbm3e-6250-8h-24gb");
  const double reads = 4.52e12 / 32, activates = reads / 4, refreshes = 192 * 2 / 3.9e-6;
  const double watts = reads * (p.power.read + p.power.read_io).value() + activates * p.power.activate.value() +
                       refreshes * p.power.refresh[0].value();
  EXPECT_GT(watts, 210);
  EXPECT_LT(watts, 225);
}

TEST(Power, Ddr5CurrentsArePerDie) {
  const Part x8 = part("ddr5-4800-x8-16gb"), x4 = part("ddr5-4800-x4-16gb");
  EXPECT_EQ(x8.devices_per_rank, 4);
  EXPECT_EQ(x4.devices_per_rank, 8);
  EXPECT_NEAR(x8.power.idle.value(), 4 * 1.1 * 92e-3 * 0.576, 1e-9);
  const double burst_s = 8 / 2.4e9;
  EXPECT_NEAR(x8.power.read.value(), 4 * 1.1 * (377e-3 * 0.553 - 142e-3 * 0.350) * burst_s, 1e-15);
  EXPECT_NEAR(x8.power.read_io.value(), 4 * 1.1 * 57e-3 * burst_s, 1e-15);
}

TEST(Power, EnergyIsCountsTimesEnergiesPlusIntervals) {
  const Part p = part("ddr5-4800-x8-16gb", {{"rank", 2}});
  const Standard& s = p.standard;
  Activity a;
  a.commands.assign(s.commands.size(), 0);
  a.commands[s.usual.act] = 10;
  a.commands[s.usual.rd] = 30;
  a.commands[s.usual.rda] = 10;
  a.commands[s.usual.wr] = 5;
  a.commands[s.usual.ref_all] = 2;
  a.ticks = 1000;
  a.rank_open_ticks = 700;
  a.bank_open_ticks = 900;
  const core::Seconds tick = p.clock.period();
  const Energy e = energy_of(p.power, s, tick, a);
  EXPECT_DOUBLE_EQ(e.activate.value(), 10 * p.power.activate.value());
  EXPECT_DOUBLE_EQ(e.read.value(), 40 * p.power.read.value());
  EXPECT_DOUBLE_EQ(e.write.value(), 5 * p.power.write.value());
  EXPECT_DOUBLE_EQ(e.io.value(), 40 * p.power.read_io.value() + 5 * p.power.write_io.value());
  EXPECT_DOUBLE_EQ(e.refresh.value(), 2 * p.power.refresh[0].value());
  EXPECT_NEAR(
      e.background.value(),
      tick.value() * (2000 * p.power.idle.value() + 700 * p.power.first_bank.value() + 200 * p.power.each_bank.value()),
      1e-18);
  EXPECT_DOUBLE_EQ(e.total().value(), (e.activate + e.read + e.write + e.io + e.refresh + e.background).value());
}

}  // namespace
}  // namespace wordline::dram
