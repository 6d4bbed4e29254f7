#include "wordline/memory/loss_account.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "watched_traffic.h"
#include "wordline/dram/auditor.h"

namespace wordline::memory {
namespace {

using dram::Command;
using dram::Tick;
using testing::drive;
using testing::shipped;
using testing::Traffic;

class EveryModule : public ::testing::TestWithParam<std::string> {
 protected:
  const System system_ = load_system(shipped(), GetParam());
};

// Keeps an account and sees what it is told.
struct Checked : Observer {
  explicit Checked(const dram::Standard& standard) : account(standard) {}
  void accepted(const Access& access, std::uint64_t id, Tick now) override { account.accepted(access, id, now); }
  void issued(const Command& command, std::uint64_t id) override { account.issued(command, id); }
  void finished(std::uint64_t id, Tick beat) override { account.finished(id, beat); }
  LossAccount account;
};

TEST_P(EveryModule, DataAndLossesAreAllBusClocks) {
  const dram::Standard& standard = system_.module.part->standard;
  const auto buses = standard.geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)];
  for (const Traffic& traffic :
       {Traffic{}, Traffic{.reads = 1, .rows = 1}, Traffic{.reads = 0.5, .rows = 1000, .seed = 2},
        Traffic{.gap = 400 * standard.ticks_per_clock, .seed = 3}}) {
    Checked checked(standard);
    const auto ran = drive(system_, traffic, checked);
    ASSERT_TRUE(dram::audit(standard, ran.commands, 0, false).empty());
    Losses losses = checked.account.finish(ran.end);  // throws where it does not add up
    EXPECT_EQ(losses.total(), ran.end * buses);
    Tick data = 0;
    for (const Command& command : ran.commands) data += standard.spec(command.id).burst;
    EXPECT_EQ(losses.data, data);
    for (const Tick lost : losses.lost) EXPECT_GE(lost, 0);
    EXPECT_EQ(losses.of(Loss::other), 0) << "a rule without a cause";
  }
}

// The rules by node agree with the device, which looks through the past.
TEST_P(EveryModule, HoldsAreTheDevices) {
  const dram::Standard& standard = system_.module.part->standard;
  struct Compare : Observer {
    explicit Compare(const dram::Standard& of) : standard(of), holds(of), device(of) {}
    void accepted(const Access&, std::uint64_t, Tick) override {}
    void finished(std::uint64_t, Tick) override {}
    void issued(const Command& command, std::uint64_t) override {
      holds.issue(command);
      device.issue(command);
      const auto& usual = standard.usual;
      for (const auto id : {usual.act, usual.pre, usual.rd, usual.wr}) {
        const int bank = static_cast<int>(++checks * 7 % standard.geometry.banks());
        const Command next{command.tick, bank, 0, 0, id};
        const Tick align = standard.spec(id).align;
        const Tick edge = (std::max(holds.hold(id, bank).until, command.tick) + align - 1) / align * align;
        ASSERT_EQ(edge, device.earliest(next)) << standard.spec(id).name;
        ASSERT_EQ(holds.open_row(bank), device.open_row(bank));
        const Hold hold = holds.hold(id, bank);
        if (hold.until > command.tick) {
          ASSERT_EQ(standard.rules[static_cast<std::size_t>(hold.rule)].name, device.binding_rule(next));
        }
      }
    }
    const dram::Standard& standard;
    Holds holds;
    dram::Device device;
    std::int64_t checks = 0;
  } compare(standard);
  drive(system_, {.reads = 0.5, .accesses = 120}, compare);
  EXPECT_GT(compare.checks, 1000);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryModule, ::testing::ValuesIn(shipped().names("memory/modules")),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// Single stories on DDR5-4800 x8, one rank: where each clock must go is known beforehand.
class Story : public ::testing::Test {
 protected:
  const System system_ = load_system(shipped(), "ddr5-4800-1rx8-16gb");
  const dram::Standard& standard_ = system_.module.part->standard;
  const Tick rl_ = standard_.spec(standard_.usual.rd).latency, wl_ = standard_.spec(standard_.usual.wr).latency;
  const Tick burst_ = standard_.spec(standard_.usual.rd).burst;
  LossAccount account_{standard_};
  std::uint64_t next_ = 0;

  // From one command to another at banks whose deepest common node is of this level (3: the bank, 2: its group, 1: the
  // rank).
  Tick gap(const char* earlier, const char* later, int level = 3) const {
    return standard_.gap(level, standard_.id(earlier), standard_.id(later));
  }
  void arrive(Tick at, int bank, int row, bool write = false) {
    account_.accepted({bank, row, 0, write, 0, 0}, next_++, at);
  }
  void issue(Tick at, const char* name, int bank, int row = 0) {
    account_.issued({at, bank, row, 0, standard_.id(name)}, 0);
  }
  void column(Tick at, const char* name, int bank, std::uint64_t id) {
    issue(at, name, bank);
    account_.finished(id, 0);
  }
};

TEST_F(Story, NothingIsIdle) {
  const Losses losses = account_.finish(1000);
  EXPECT_EQ(losses.of(Loss::idle), losses.total());
  EXPECT_EQ(losses.total(), 1000);
}

TEST_F(Story, OneReadWaitsForItsRow) {
  arrive(100, 0, 5);
  issue(100, "ACT", 0, 5);
  const Tick rd = 100 + gap("ACT", "RD");
  column(rd, "RD", 0, 0);
  const Losses losses = account_.finish(rd + rl_ + burst_);
  EXPECT_EQ(losses.of(Loss::idle), 100 + rl_);  // nobody was there, nor can data come at once
  EXPECT_EQ(losses.of(Loss::row_miss), gap("ACT", "RD"));
  EXPECT_EQ(losses.data, burst_);
}

TEST_F(Story, AClockLateIsScheduling) {
  arrive(0, 0, 5);
  issue(0, "ACT", 0, 5);
  column(gap("ACT", "RD") + 9, "RD", 0, 0);
  EXPECT_EQ(account_.finish(500).of(Loss::scheduling), 9);
}

TEST_F(Story, ReadsOfOneBankGroup) {
  for (int i = 0; i < 5; ++i) arrive(0, 0, 5);
  issue(0, "ACT", 0, 5);
  const Tick first = gap("ACT", "RD"), step = gap("RD", "RD");
  ASSERT_GT(step, burst_);
  for (int i = 0; i < 5; ++i) column(first + i * step, "RD", 0, static_cast<std::uint64_t>(i));
  const Losses losses = account_.finish(first + 4 * step + rl_ + burst_);
  EXPECT_EQ(losses.of(Loss::bank_group), 4 * (step - burst_));
  EXPECT_EQ(losses.data, 5 * burst_);
}

TEST_F(Story, AWriteThenARead) {
  arrive(0, 0, 5, true);
  arrive(0, 0, 5);
  issue(0, "ACT", 0, 5);
  const Tick wr = gap("ACT", "WR"), rd = wr + gap("WR", "RD");
  column(wr, "WR", 0, 0);
  column(rd, "RD", 0, 1);
  const Losses losses = account_.finish(rd + rl_ + burst_);
  EXPECT_EQ(losses.of(Loss::turnaround), rd + rl_ - (wr + wl_ + burst_));
}

TEST_F(Story, ARefreshTakesTheWholeOfItsDetour) {
  const Tick first = gap("ACT", "RD");
  arrive(0, 0, 5);
  issue(0, "ACT", 0, 5);
  column(first, "RD", 0, 0);
  arrive(first, 0, 5);  // its row is open, but a refresh is due
  const Tick pre = gap("ACT", "PREA"), ref = pre + gap("PREA", "REFab"), act = ref + gap("REFab", "ACT");
  const Tick rd = act + gap("ACT", "RD");
  issue(pre, "PREA", 0);
  issue(ref, "REFab", 0);
  issue(act, "ACT", 0, 5);
  column(rd, "RD", 0, 1);
  const Losses losses = account_.finish(rd + rl_ + burst_);
  // From the last data on, the row's opening again included: without the refresh it would be open.
  EXPECT_EQ(losses.of(Loss::refresh), rd - first - burst_);
  EXPECT_EQ(losses.of(Loss::row_miss), gap("ACT", "RD"));
}

TEST_F(Story, TheFifthRowWaitsForTheWindow) {
  // Nobody waits but for five rows in five bank groups; the account sees the fifth alone.
  const Tick step = gap("ACT", "ACT", 1), window = standard_.timing("tFAW");
  ASSERT_GE(window, 4 * step);
  for (int i = 0; i < 4; ++i) issue(i * step, "ACT", i * 4, 1);
  arrive(3 * step, 16, 5);
  issue(window + 3, "ACT", 16, 5);
  const Tick rd = window + 3 + gap("ACT", "RD");
  column(rd, "RD", 16, 0);
  const Losses losses = account_.finish(rd + rl_ + burst_);
  EXPECT_EQ(losses.of(Loss::activation), window - 3 * step);
  EXPECT_EQ(losses.of(Loss::scheduling), 3);
  EXPECT_EQ(losses.of(Loss::row_miss), gap("ACT", "RD"));
}

TEST_F(Story, AYoungerRowThatTheWindowDelayed) {
  // The window keeps the younger access's row away while the older one has the bus; then it is missed.
  const Tick step = gap("ACT", "ACT", 1), window = standard_.timing("tFAW"), rd = gap("ACT", "RD");
  arrive(0, 0, 1);
  arrive(0, 16, 5);
  for (int i = 0; i < 4; ++i)
    account_.issued({i * step, i * 4, 1, 0, standard_.usual.act}, i ? Observer::no_access : 0);
  account_.issued({window, 16, 5, 0, standard_.usual.act}, 1);
  column(rd, "RD", 0, 0);
  column(window + rd, "RD", 16, 1);
  const Losses losses = account_.finish(window + rd + rl_ + burst_);
  EXPECT_EQ(losses.of(Loss::row_miss), rd);
  EXPECT_EQ(losses.of(Loss::activation), window - burst_);
}

TEST_F(Story, AFullCommandBus) {
  arrive(0, 0, 5);
  issue(0, "ACT", 8, 1);
  const Tick act = gap("ACT", "ACT", 1);
  issue(act, "ACT", 0, 5);
  const Tick rd = act + gap("ACT", "RD");
  issue(rd - 1, "ACT", 16, 1);  // two clocks on the wires
  column(rd + 1, "RD", 0, 0);
  const Losses losses = account_.finish(rd + 1 + rl_ + burst_);
  EXPECT_EQ(losses.of(Loss::activation), act);
  EXPECT_EQ(losses.of(Loss::row_miss), gap("ACT", "RD") - 1);
  EXPECT_EQ(losses.of(Loss::command_bus), 2);  // from when it was what expires last
}

TEST_F(Story, TimeDoesNotGoBack) {
  issue(10, "ACT", 0, 5);
  EXPECT_THROW(issue(9, "ACT", 8, 5), std::logic_error);
}

TEST_F(Story, OverlappingBurstsAreRefused) {
  issue(0, "ACT", 0, 5);
  issue(40, "RD", 0);
  EXPECT_THROW(issue(42, "RD", 0), std::logic_error);
}

TEST_F(Story, JsonSharesSumToOne) {
  arrive(0, 0, 5);
  issue(0, "ACT", 0, 5);
  column(gap("ACT", "RD"), "RD", 0, 0);
  const auto json = losses_json(account_.finish(1000));
  double sum = json["data"];
  for (const auto& share : json["lost"]) sum += share.get<double>();
  EXPECT_NEAR(sum, 1, 1e-12);
}

}  // namespace
}  // namespace wordline::memory
