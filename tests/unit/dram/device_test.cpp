#include "wordline/dram/device.h"

#include <gtest/gtest.h>

#include "test_parts.h"

namespace wordline::dram {
namespace {

using testing::command;
using testing::part;

class Ddr5Device : public ::testing::Test {
 protected:
  Part part_ = part("ddr5-4800-x8-16gb");
  const Standard& s_ = part_.standard;
  Device device_{s_};
  Tick issue(const std::string& name, std::vector<int> fields, Tick from, std::int32_t row = 0) {
    Command c = command(s_, from, name, std::move(fields), row);
    EXPECT_EQ(device_.state_error(c), "") << name;
    c.tick = device_.earliest(c);
    EXPECT_TRUE(device_.may_issue(c));
    device_.issue(c);
    return c.tick;
  }
};

TEST_F(Ddr5Device, OneReadFromAClosedBank) {
  EXPECT_EQ(issue("ACT", {0, 0, 0}, 0, 7), 0);
  EXPECT_EQ(device_.open_row(0), 7);
  EXPECT_EQ(issue("RD", {0, 0, 0}, 0), 40);   // tRCD 16.64 ns
  EXPECT_EQ(issue("PRE", {0, 0, 0}, 0), 78);  // tRAS 77, counted from ACT's second clock
  EXPECT_EQ(device_.open_row(0), Device::closed);
  EXPECT_EQ(issue("ACT", {0, 0, 0}, 0, 9), 117);  // tRC 117 = 78 + tRP 40 - 1
}

TEST_F(Ddr5Device, FifthActivateWaitsForTheWindow) {
  EXPECT_EQ(issue("ACT", {0, 0, 0}, 0), 0);
  EXPECT_EQ(issue("ACT", {0, 1, 0}, 0), 8);
  EXPECT_EQ(issue("ACT", {0, 2, 0}, 0), 16);
  EXPECT_EQ(issue("ACT", {0, 3, 0}, 0), 24);
  const Command fifth = command(s_, 24, "ACT", {0, 4, 0});
  EXPECT_EQ(device_.earliest(fifth), 32);
  EXPECT_EQ(device_.earliest(command(s_, 0, "ACT", {0, 0, 1})), 32);
}

TEST_F(Ddr5Device, SaysWhatMustComeFirst) {
  EXPECT_EQ(device_.needed_first(command(s_, 0, "RD", {0, 0, 0})), s_.id("ACT"));
  issue("ACT", {0, 2, 1}, 0, 3);
  EXPECT_EQ(device_.needed_first(command(s_, 0, "ACT", {0, 2, 1})), s_.id("PRE"));
  EXPECT_EQ(device_.needed_first(command(s_, 0, "REFab", {0, 0, 0})), s_.id("PREA"));
  EXPECT_EQ(device_.needed_first(command(s_, 0, "REFsb", {0, 0, 1})), s_.id("PRE"));
  EXPECT_EQ(device_.needed_first(command(s_, 0, "REFsb", {0, 0, 2})), no_command);
}

TEST_F(Ddr5Device, NamesTheBindingRule) {
  issue("ACT", {0, 0, 0}, 0);
  EXPECT_EQ(device_.binding_rule(command(s_, 1, "RD", {0, 0, 0})), "tRCD");
  EXPECT_EQ(device_.binding_rule(command(s_, 1, "ACT", {0, 0, 1})), "tRRD_L");
  EXPECT_EQ(device_.binding_rule(command(s_, 1, "PRE", {0, 3, 1})), "command-bus");
  EXPECT_EQ(device_.binding_rule(command(s_, 2, "PRE", {0, 3, 1})), "");
}

TEST(Hbm3Device, RowCommandsOnEitherEdgeColumnsOnWholeClocks) {
  const Part p = part("hbm3-6400-8h-16gb");
  const Standard& s = p.standard;
  Device device(s);
  EXPECT_EQ(device.earliest(command(s, 3, "PRE", {0, 0, 0, 0})), 3);
  EXPECT_EQ(device.earliest(command(s, 3, "ACT", {0, 0, 0, 0})), 4);
  device.issue(command(s, 0, "ACT", {0, 0, 0, 0}, 1));
  EXPECT_EQ(device.earliest(command(s, 1, "PRE", {1, 0, 0, 0})), 3);  // ACT holds the row bus for 1.5 clocks
  EXPECT_EQ(device.earliest(command(s, 1, "ACT", {1, 0, 0, 0})), 4);
  EXPECT_EQ(device.earliest(command(s, 1, "RD", {0, 0, 0, 0})), 64);  // 31 nCK after ACT's last edge
}

TEST(DeviceActivity, CountsOpenTimeOfBanksAndRanks) {
  const Part p = part("ddr5-4800-x8-16gb", {{"rank", 2}});
  const Standard& s = p.standard;
  Device device(s);
  device.issue(command(s, 0, "ACT", {0, 0, 0}, 1));
  device.issue(command(s, 10, "ACT", {0, 1, 0}, 1));
  device.issue(command(s, 20, "ACT", {1, 0, 0}, 1));
  device.issue(command(s, 100, "PREA", {0, 0, 0}));
  const Activity now = device.activity(200);
  EXPECT_EQ(now.commands[s.id("ACT")], 3);
  EXPECT_EQ(now.bank_open_ticks, 100 + 90 + 180);
  EXPECT_EQ(now.rank_open_ticks, 100 + 180);
  EXPECT_EQ(now.ticks, 200);
}

}  // namespace
}  // namespace wordline::dram
