#include <gtest/gtest.h>

#include <random>

#include "test_parts.h"
#include "wordline/dram/device.h"
#include "wordline/dram/state_counter.h"

namespace wordline::dram {
namespace {

// Random commands, legal as to state, with the plain Device beside the counter.
class Counters : public ::testing::TestWithParam<const char*> {};

TEST_P(Counters, CountTheSameAsDevice) {
  const Part p = testing::part(GetParam());
  const Standard& s = p.standard;
  std::mt19937_64 random(3);
  Device device(s);
  StateCounter counter(s);
  Activity counted;
  Tick now = 0;
  Command command;
  for (int i = 0; i < 2000; ++i) {
    command.tick += static_cast<Tick>(random() % (random() % 16 == 0 ? 300 : 20));
    command.bank = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(s.geometry.banks()));
    const CommandId ids[] = {s.usual.act, s.usual.rd, s.usual.wr, s.usual.rda, s.usual.wra, s.usual.pre};
    const CommandId rare[] = {s.usual.ref_all, s.usual.power_down_entry, s.usual.self_refresh_entry};
    command.id = random() % 20 == 0 ? rare[random() % 3] : ids[random() % 6];
    const auto issue = [&](Command each) {
      while (!device.state_error(each).empty()) each = device.first_command(each);
      counter.pass(each.tick - now, counted);
      now = each.tick;
      device.issue(each);
      counter.take(each);
    };
    if (command.id == s.usual.power_down_entry && random() % 2 == 0)
      issue({command.tick, command.bank, 0, 0, s.usual.pre_all});
    while (!device.state_error(command).empty()) issue(command);  // what must come first
    issue(command);
  }
  counter.pass(500, counted);
  const Activity activity = device.activity(command.tick + 500);
  EXPECT_EQ(counted.ticks, activity.ticks);
  EXPECT_EQ(counted.rank_open_ticks, activity.rank_open_ticks);
  EXPECT_EQ(counted.bank_open_ticks, activity.bank_open_ticks);
  EXPECT_EQ(counted.power_down_ticks, activity.power_down_ticks);
  EXPECT_EQ(counted.active_power_down_ticks, activity.active_power_down_ticks);
  EXPECT_EQ(counted.self_refresh_ticks, activity.self_refresh_ticks);
  EXPECT_GT(activity.power_down_ticks, 0);
  EXPECT_GT(activity.active_power_down_ticks, 0);
  EXPECT_GT(activity.self_refresh_ticks, 0);
}

// Two ranks: one sleeps with its banks closed, then with two open, then refreshes itself; the other has a bank open.
TEST(StateIntervals, ASleepingRankCountsAsAsleepAndNotAsOpen) {
  const Part p = testing::part("ddr5-4800-x8-16gb", {{"rank", 2}});
  const Standard& s = p.standard;
  Device device(s);
  StateCounter counter(s);
  Activity counted;
  Tick now = 0;
  const auto until = [&](Tick tick) {
    counter.pass(tick - now, counted);
    now = tick;
  };
  const auto issue = [&](Tick tick, const char* name, std::vector<int> fields) {
    const Command command = testing::command(s, tick, name, std::move(fields), 1);
    until(tick);
    device.issue(command);
    counter.take(command);
  };
  issue(50, "ACT", {1, 0, 0});
  issue(100, "PDE", {0, 0, 0});
  issue(300, "PDX", {0, 0, 0});
  issue(400, "ACT", {0, 0, 0});
  issue(450, "ACT", {0, 1, 0});
  issue(500, "PDE", {0, 0, 0});
  issue(800, "PDX", {0, 0, 0});
  issue(900, "PREA", {0, 0, 0});
  issue(1000, "SRE", {0, 0, 0});
  until(1600);
  for (const Activity& a : {device.activity(1600), counted}) {
    EXPECT_EQ(a.ticks, 1600);
    EXPECT_EQ(a.power_down_ticks, 200);
    EXPECT_EQ(a.active_power_down_ticks, 300);
    EXPECT_EQ(a.self_refresh_ticks, 600);
    EXPECT_EQ(a.rank_open_ticks, 1550 + 500 - 300);
    EXPECT_EQ(a.bank_open_ticks, 1550 + (500 - 300) + (450 - 300));
  }
}

// In HBM the whole channel powers down: every stack id of both pseudo-channels.
TEST(StateIntervals, AnHbmChannelSleepsAsAWhole) {
  const Part p = testing::part("hbm3e-6250-8h-24gb");
  const Standard& s = p.standard;
  ASSERT_NE(s.usual.power_down_entry, no_command);
  Device device(s);
  StateCounter counter(s);
  const Command entry{10, 0, 0, 0, s.usual.power_down_entry};
  device.issue(entry);
  counter.take(entry);
  Activity counted;
  counter.pass(90, counted);
  EXPECT_EQ(device.activity(100).power_down_ticks, 90 * s.geometry.ranks());
  EXPECT_EQ(counted.power_down_ticks, 90 * s.geometry.ranks());
}

// Its watts while asleep, standby before and after.
TEST(StateIntervals, SleepSavesEnergy) {
  Part p = testing::part("ddr5-4800-x8-16gb");
  p.power.power_down = p.power.idle * 0.25;
  const Standard& s = p.standard;
  StateCounter counter(s);
  const auto watts = [&] {
    Activity activity;
    activity.commands.assign(s.commands.size(), 0);
    counter.pass(1000, activity);
    const core::Seconds tick = p.clock.period();
    return (energy_of(p.power, s, tick, activity).total() / (tick * 1000.0)).value();
  };
  EXPECT_NEAR(watts(), p.power.idle.value(), 1e-9);
  counter.take({1000, 0, 0, 0, s.usual.power_down_entry});
  EXPECT_NEAR(watts(), p.power.power_down.value(), 1e-9);
  counter.take({2000, 0, 0, 0, s.usual.power_down_exit});
  EXPECT_NEAR(watts(), p.power.idle.value(), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Parts, Counters, ::testing::Values("ddr5-4800-x8-16gb", "hbm3e-6250-8h-24gb"));

}  // namespace
}  // namespace wordline::dram
