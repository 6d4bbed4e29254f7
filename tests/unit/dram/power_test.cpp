#include "wordline/dram/power.h"

#include <gtest/gtest.h>

#include <cmath>

#include "test_parts.h"
#include "wordline/dram/power_table.h"

namespace wordline::dram {
namespace {

using testing::part;

// By hand from HBM-Power's rails of HBM3E at 6.4 Gb/s (one pseudo-channel, 1.1 V).
TEST(Power, Hbm3RailsGiveTheKnownEnergies) {
  const Part p = part("hbm3-6400-8h-16gb");
  const double read = (p.power.read + p.power.read_io).value();
  EXPECT_NEAR(read * 1e12 / 256, 4.257, 0.005);                // pJ/bit: 1.1 V * (863.8 - 71.2) mA * 1.25 ns / 256
  EXPECT_NEAR(p.power.read_io.value() / read, 0.101, 0.0005);  // the pins' share of random data
  const double activate_pj =
      1.1 * (106.1 * 45.0 - 71.2 * 28.125 - 70.5 * 16.25) + 1.1 * 106.1 * (28.125 + 16.25 - 45.0);
  EXPECT_NEAR(p.power.activate.value() * 1e12, activate_pj, 1);
  EXPECT_NEAR(p.power.idle.value() * 2, 1.1 * 70.5e-3, 1e-9);  // two stack ids share a pseudo-channel's rails
  EXPECT_NEAR(p.power.refresh[0].value() * 2 * 1e9, 1.1 * (164.7 - 70.5) * 350e-3, 0.01);  // nJ a pseudo-channel
  EXPECT_NEAR(p.power.refresh[1].value() * 16, p.power.refresh[0].value(), 1e-15);
}

// HBM-Power's worked example: effective IDD4R by the three rates, mA.
TEST(Power, DataScalesTheBurstAboveStandby) {
  const PowerTable table = part("hbm3-6400-8h-16gb").power_table;
  const auto read_ma = [&](DataRates rates) {
    return table.burst_current(table.idd4r, EnergyMode::model, rates).value() * 1e3;
  };
  EXPECT_NEAR(read_ma({0, 0, 0}), 560.7, 0.05);
  EXPECT_NEAR(read_ma({0.5, 0, 0}), 640.7, 0.1);
  EXPECT_NEAR(read_ma({0, 0.5, 0}), 675.2, 0.1);
  EXPECT_NEAR(read_ma({0, 0, 0.5}), 669.2, 0.1);
  EXPECT_NEAR(read_ma({0.5, 0.5, 0.5}), 863.8, 0.1);
  EXPECT_NEAR(read_ma({1, 1, 1}), 1166.8, 0.1);
  EXPECT_NEAR(table.burst_current(table.idd4r, EnergyMode::datasheet, {1, 1, 1}).value() * 1e3, 560.7, 0.05);
}

TEST(Power, ASplitRailChargesThePinsAtTheirVoltage) {
  Part p = part("hbm3-6400-8h-16gb");
  const Power one = p.power;
  p.power_table.vddq = core::Volts(0.55);  // half of VDD
  const Power split = power_of(p.power_table, p.standard, p.clock.period());
  EXPECT_DOUBLE_EQ(split.read_io.value(), one.read_io.value() / 2);
  EXPECT_DOUBLE_EQ(split.read.value(), one.read.value());
  EXPECT_DOUBLE_EQ(split.write_io.value(), one.write_io.value());  // writes stay on VDD
}

TEST(Power, Ddr5CurrentsArePerDie) {
  const Part x8 = part("ddr5-4800-x8-16gb"), x4 = part("ddr5-4800-x4-16gb");
  EXPECT_EQ(x8.devices_per_rank, 4);
  EXPECT_EQ(x4.devices_per_rank, 8);
  EXPECT_NEAR(x8.power.idle.value(), 4 * 1.1 * 92e-3 * 0.576, 1e-9);
  const double burst_s = 8 / 2.4e9;
  // typical idd3n would be below typical idd2n, by factors of two sources: then idd2n is with a bank open too
  EXPECT_NEAR(x8.power.read.value(), 4 * 1.1 * (377e-3 * 0.553 - 92e-3 * 0.576) * burst_s, 1e-15);
  EXPECT_GE(x8.power.first_bank.value(), 0);
  EXPECT_NEAR(x8.power.read_io.value(), 4 * 1.1 * 57e-3 * burst_s, 1e-15);
}

TEST(Power, ModesTakeGuardBandsOffOrTheMakersFigure) {
  const Part ddr5 = part("ddr5-4800-x8-16gb");
  const double burst_s = 8 / 2.4e9;
  // of data sheets: idd3n is with all banks open, so that idd0, with one open, may lie below it
  const Power stated = power_of(ddr5.power_table, ddr5.standard, ddr5.clock.period(), EnergyMode::datasheet);
  EXPECT_NEAR(stated.idle.value(), 4 * 1.1 * 92e-3, 1e-9);
  EXPECT_NEAR(stated.read.value(), 4 * 1.1 * (377e-3 - 142e-3) * burst_s, 1e-15);
  const double one_open = 92e-3 + (142e-3 - 92e-3) / 32, tick = ddr5.clock.period().value();
  const double ras = tick * static_cast<double>(ddr5.standard.timing("tRAS")),
               rp = tick * static_cast<double>(ddr5.standard.timing("tRP"));
  EXPECT_NEAR(stated.activate.value(), 4 * 1.1 * (103e-3 * (ras + rp) - one_open * ras - 92e-3 * rp), 1e-14);
  EXPECT_NEAR(stated.each_bank.value(), 4 * 1.1 * (142e-3 - 92e-3) / 32, 1e-9);
  EXPECT_THROW(power_of(ddr5.power_table, ddr5.standard, ddr5.clock.period(), EnergyMode::vendor), core::InputError);

  const Part hbm = part("hbm3e-9200-12h-36gb");
  const Power vendor = power_of(hbm.power_table, hbm.standard, hbm.clock.period(), EnergyMode::vendor);
  EXPECT_NEAR(vendor.read.value() * 1e12 / 256, 3.44, 1e-9);
  EXPECT_EQ(vendor.activate.value() + vendor.idle.value() + vendor.floor.value(), 0);
  EXPECT_EQ(vendor.refresh.size(), hbm.standard.refreshes.size());
  EXPECT_EQ(energy_mode("datasheet"), EnergyMode::datasheet);
  EXPECT_THROW(energy_mode("datashet"), core::UsageError);
}

TEST(Power, SleepingRanksBurnWhatTheirStateBurns) {
  Part p = part("ddr5-4800-x8-16gb", {{"rank", 2}});
  p.power_table.idd2p = PowerTable::Current{core::Amperes(10e-3), 0.5};
  p.power_table.idd3p.reset();
  p.power_table.idd6 = PowerTable::Current{core::Amperes(4e-3), 1};
  const Power power = power_of(p.power_table, p.standard, p.clock.period());
  EXPECT_NEAR(power.power_down.value(), 4 * 1.1 * 5e-3, 1e-12);
  EXPECT_NEAR(power.self_refresh.value(), 4 * 1.1 * 4e-3, 1e-12);
  EXPECT_EQ(power.active_power_down.value(), power.idle.value() + power.first_bank.value());  // not stated: no saving
  Activity a;
  a.commands.assign(p.standard.commands.size(), 0);
  a.ticks = 1000;
  a.power_down_ticks = 600;
  a.active_power_down_ticks = 50;
  a.self_refresh_ticks = 300;
  const double tick = p.clock.period().value();
  EXPECT_NEAR(energy_of(power, p.standard, p.clock.period(), a).background.value(),
              tick * (1050 * power.idle.value() + 600 * power.power_down.value() +
                      50 * power.active_power_down.value() + 300 * power.self_refresh.value()),
              1e-18);
}

// Micron's currents of one die, by hand.
TEST(Power, SleepIsWhatTheDataSheetStates) {
  const Part ddr5 = part("ddr5-4800-x8-16gb"), lpddr5x = part("lpddr5x-7500-x16-16gb");
  const auto power = [](const Part& p, EnergyMode mode) {
    return power_of(p.power_table, p.standard, p.clock.period(), mode);
  };
  const Power stated = power(ddr5, EnergyMode::datasheet), typical = power(ddr5, EnergyMode::model);
  EXPECT_NEAR(stated.power_down.value(), 4 * 1.1 * 88e-3, 1e-12);
  EXPECT_NEAR(stated.active_power_down.value(), 4 * 1.1 * (88e-3 + (140e-3 - 88e-3) / 32), 1e-12);
  EXPECT_NEAR(stated.self_refresh.value(), 4 * 1.1 * 102e-3, 1e-12);
  EXPECT_NEAR(typical.power_down.value(), 4 * 1.1 * 0.576 * 88e-3, 1e-12);
  EXPECT_EQ(typical.active_power_down.value(), typical.power_down.value());  // 0.350 of idd3p is below: no bank saves
  EXPECT_NEAR(typical.self_refresh.value(), 4 * 1.1 * 0.576 * 102e-3, 1e-12);
  EXPECT_NEAR(power(lpddr5x, EnergyMode::model).power_down.value(), 1.05 * 3.9e-3, 1e-12);
}

// Of every part that states it, whatever the mode. Self-refresh does what else refresh commands do.
TEST(Power, SleepCostsNoMoreThanStandby) {
  int stated = 0;
  for (const auto& name : testing::catalog().names("dram/parts"))
    for (const EnergyMode mode : {EnergyMode::model, EnergyMode::datasheet}) {
      const Part p = part(name);
      const Power power = power_of(p.power_table, p.standard, p.clock.period(), mode);
      core::Watts refreshes;
      for (std::size_t i = 0; i < p.standard.refreshes.size(); ++i)
        if (p.standard.refreshes[i].command == p.standard.usual.ref_all)
          refreshes = power.refresh[i] / (p.clock.period() * static_cast<double>(p.standard.refreshes[i].credit));
      const auto less = [&](bool is_stated, core::Watts asleep, core::Watts awake) {
        stated += is_stated;
        return is_stated ? asleep < awake : std::abs((asleep - awake).value()) < 1e-12;
      };
      EXPECT_TRUE(less(p.power_table.idd2p.has_value(), power.power_down, power.idle)) << name;
      EXPECT_TRUE(less(p.power_table.idd3p.has_value(), power.active_power_down, power.idle + power.first_bank))
          << name;
      EXPECT_TRUE(!p.power_table.idd6 || power.self_refresh < power.idle + refreshes) << name;
      EXPECT_LE(power.power_down.value(), power.active_power_down.value()) << name;
    }
  EXPECT_GE(stated, 2 * (23 + 15));  // idd2p of DDR4, DDR5, LPDDR5X and GDDR, idd3p of DDR4 and DDR5
}

TEST(Power, TheFloorBurnsWhateverHappens) {
  const Part p = part("hbm3e-6250-8h-24gb");
  EXPECT_NEAR(p.power.floor.value() * 16, 3.6, 1e-12);  // 16 channels a stack
  Activity a;
  a.commands.assign(p.standard.commands.size(), 0);
  a.ticks = 100;
  const Energy e = energy_of(p.power, p.standard, p.clock.period(), a);
  EXPECT_DOUBLE_EQ(e.floor.value(), 100 * p.clock.period().value() * p.power.floor.value());
  EXPECT_DOUBLE_EQ(e.total().value(), (e.background + e.floor).value());
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
