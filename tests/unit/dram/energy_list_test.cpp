// Energies of command lists: vectors of DRAMPower 6.2 (tests/tests_drampower/core, commit d8b980a, its toy
// specifications) typed here, and the low-power standards by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wordline/core/document.h"
#include "wordline/dram/command_energy.h"

namespace wordline::dram {
namespace {

using ::testing::HasSubstr;

// resources/ddr5.json, what energies need of it
const char* toy_ddr5 = R"(
memoryType = "DDR5"
[memarchitecturespec]
nbrOfBanks = 16
nbrOfBankGroups = 2
burstLength = 8
dataRate = 2
[mempowerspec]
vdd = 1.2
idd0 = 0.05625
idd2n = 0.03375
idd3n = 0.0395
idd4r = 0.1575
idd4w = 0.135
idd5b = 0.118
idd5c = 0.11
idd6n = 0.02025
idd2p = 0.017
idd3p = 0.0225
[memtimingspec]
tCK = 7.692307692307692e-10
RAS = 10
RCD = 13
RTP = 5
WL = 5
WR = 5
RP = 10
RFCsb_slr = 20
RFC1_slr = 25
[bankwisespec]
factRho = 0.5
)";

// resources/lpddr5.json likewise
const char* toy_lpddr5 = R"(
[memarchitecturespec]
nbrOfBanks = 16
nbrOfBankGroups = 1
burstLength = 8
dataRate = 2
per2BankOffset = 0
[mempowerspec]
vdd1 = 1.2
idd01 = 0.05625
idd2n1 = 0.03375
idd3n1 = 0.035
idd4r1 = 0.1575
idd4w1 = 0.135
idd51 = 0.118
idd5pb1 = 0.074
idd61 = 0.02025
idd6ds1 = 0.01325
idd2p1 = 0.017
idd3p1 = 0.0225
vdd2h = 1.2
vdd2l = 1.2
[memtimingspec]
tCK = 7.692307692307692e-10
REFI = 20
RFCab = 25
RFCpb = 20
RAS = 10
RPpb = 10
RCD = 13
RBTP = 3
WL = 5
WR = 5
WCK2CK = 2
[bankwisespec]
factRho = 0.058823529412
)";

Memspec spec_of(const std::string& toml) { return read_memspec(core::parse_toml(toml, "spec.toml")); }

EnergyStats run(const Memspec& spec, const std::string& list) {
  return energy_stats(spec, parse_energy_trace(spec, list, "list.csv"));
}

double pj(double joules) { return std::round(joules * 1e12); }

// ddr5_test_pattern_10: two same-bank refreshes.
TEST(EnergyList, ASameBankRefreshReachesOneBankOfEachGroup) {
  const Memspec spec = spec_of(toy_ddr5);
  const EnergyStats stats =
      run(spec, "0,ACT,0,0,0\n15,RD,0,0,0\n20,ACT,0,0,11\n55,PREA\n70,REFSB,0,0,0\n75,REFSB,0,0,11\n100,END\n");
  EXPECT_EQ(stats.rank_states[0].active, 80);
  EXPECT_EQ(stats.rank_states[0].precharged, 20);
  EXPECT_EQ(stats.bank_states[0].active, 75);
  EXPECT_EQ(stats.bank_states[8].active, 20);
  EXPECT_EQ(stats.bank_states[11].active, 55);
  const ListEnergy energy = energy_of(spec, stats);
  EXPECT_EQ(pj(energy.sum().act), 359);
  EXPECT_EQ(pj(energy.sum().ref_same), 2696);
  EXPECT_EQ(pj(energy.active_shared), 2705);
  EXPECT_EQ(pj(energy.total()), 7262);
}

// ddr5_test_pattern_7 and _8: self-refresh begins with a refresh; power-downs.
TEST(EnergyList, SleepIsCountedFromWhenItBegins) {
  const Memspec spec = spec_of(toy_ddr5);
  const EnergyStats refreshed = run(spec, "0,SREFEN\n40,SREFEX\n100,END\n");
  EXPECT_EQ(refreshed.rank_states[0].self_refresh, 15);
  EXPECT_EQ(refreshed.counts[3].ref_all, 1);
  EXPECT_EQ(pj(energy_of(spec, refreshed).self_refresh), 280);
  EXPECT_EQ(pj(energy_of(spec, refreshed).total()), 4873);
  const EnergyStats down = run(spec, "0,PDEA\n30,PDXA\n45,PDEP\n70,PDXP\n85,END\n");
  EXPECT_EQ(down.rank_states[0].power_down_act, 30);
  EXPECT_EQ(down.rank_states[0].power_down_pre, 25);
  EXPECT_EQ(down.rank_states[0].precharged, 30);
  EXPECT_EQ(pj(energy_of(spec, down).power_down_act), 623);
  EXPECT_EQ(pj(energy_of(spec, down).total()), 1950);
}

// PDE waits until the bank is open (tRCD), PDX until then too; the open bank is active again afterwards.
TEST(EnergyList, PowerDownWaitsForTheBanksAndGivesThemBack) {
  const Memspec spec = spec_of(toy_ddr5);
  const EnergyStats stats = run(spec, "0,ACT,0,0,2\n5,PDE\n30,PDX\n40,PRE,0,0,2\n45,PDE\n60,PDX\n100,END\n");
  EXPECT_EQ(stats.rank_states[0].power_down_act, 17);  // 13 to 30
  EXPECT_EQ(stats.rank_states[0].power_down_pre, 10);  // from 50, tRP after the precharge
  EXPECT_EQ(stats.bank_states[2].active, 13 + 10);
  EXPECT_EQ(stats.rank_states[0].active, 23);
  EXPECT_EQ(stats.rank_states[0].precharged, 50);
}

TEST(EnergyList, AutoPrechargeClosesWhenItMay) {
  const Memspec spec = spec_of(toy_ddr5);
  const EnergyStats stats = run(spec, "0,ACT,0,0,0\n2,RDA,0,0,0\n20,ACT,0,0,1\n25,WRA,0,0,1\n100,END\n");
  EXPECT_EQ(stats.bank_states[0].active, 10);  // tRAS, though tRTP is over at 7
  EXPECT_EQ(stats.bank_states[1].active, 19);  // from 25: burst 4, tWL 5, tWR 5
  EXPECT_EQ(stats.counts[0].pre, 1);
  EXPECT_EQ(stats.counts[1].write_auto, 1);
}

// By hand: one bank open draws IDD3N in LPDDR, each further one (1 - rho)(IDD3N - IDD2N) more.
TEST(EnergyList, LowPowerStandardsCountTheirDomainsAndBanks) {
  const Memspec spec = spec_of(toy_lpddr5);
  ASSERT_EQ(spec.type, Memspec::Type::lpddr5);
  ASSERT_EQ(spec.supplies.size(), 3u);
  const EnergyStats stats =
      run(spec, "0,ACT,0,0,0\n15,RD,0,0,0\n35,PRE,0,0,0\n40,REFB,0,0,4\n70,REFP2B,0,0,1\n100,END\n");
  EXPECT_EQ(stats.bank_states[4].active, 20);
  EXPECT_EQ(stats.counts[1].ref_two, 1);
  EXPECT_EQ(stats.counts[9].ref_two, 1);  // half the banks away where the specification says 0
  const CommandEnergies e = energy_of(spec, stats).sum();
  const double tck = spec.tck, shared = 0.058823529412 * 0.00125 + 0.03375;
  EXPECT_NEAR(e.act, 1.2 * (0.05625 - 0.035) * 10 * tck, 1e-16);
  EXPECT_NEAR(e.read, 1.2 * (0.1575 - 0.035) * 2 * tck, 1e-16);  // 8 beats at both edges of a WCK of twice CK
  const double refreshing = (0.074 * 2.5 - 0.03375 * (2.5 - 20)) / 20;
  EXPECT_NEAR(e.ref_bank, 1.2 * (refreshing - 0.035) * 20 * tck, 1e-16);
  EXPECT_NEAR(e.ref_two, 1.2 * (refreshing - (shared + 2 * (0.035 - shared))) * 20 * tck, 1e-16);
  EXPECT_NEAR(e.active, 1.2 * ((0.035 - shared) * (35 + 20 + 40) + shared * 75) * tck, 1e-16);
}

TEST(EnergyList, DiesAndRanksAddUp) {
  const Memspec one = spec_of(toy_ddr5);
  Memspec five = one;
  five.devices = 5;
  const std::string list = "0,ACT,0,0,0\n15,RD,0,0,0\n50,PREA\n70,END\n";
  EXPECT_NEAR(energy_of(five, run(five, list)).total(), 5 * energy_of(one, run(one, list)).total(), 1e-18);
  Memspec two = one;
  two.ranks = 2;
  const EnergyStats stats = run(two, "0,ACT,0,0,1\n2,ACT,1,0,1\n10,PRE,1,0,1\n15,PRE,0,0,1\n20,END\n");
  EXPECT_EQ(stats.bank_states[16 + 1].active, 8);
  EXPECT_EQ(stats.rank_states[0].active, 15);
  EXPECT_EQ(stats.commands[1][static_cast<std::size_t>(EnergyOp::act)], 1);
}

TEST(EnergyList, HeadersNameColumnsInAnyOrder) {
  const Memspec spec = spec_of(toy_ddr5);
  const auto list = parse_energy_trace(spec, "command,bank_group,bank,clock\n# opens\nact,1,3,7\n\nEnd,,,9\r\n",
                                       "l.csv", BankNumbers::in_group);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].bank, 11);
  EXPECT_EQ(list[0].clock, 7);
}

// What was found, where, and what was wanted.
void expect_refused(const std::string& list, const std::string& message) {
  const Memspec spec = spec_of(toy_ddr5);
  try {
    parse_energy_trace(spec, list, "list.csv");
    ADD_FAILURE() << "accepted: " << list;
  } catch (const core::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

TEST(EnergyList, RefusesWhatItCannotRead) {
  expect_refused("0,ACT,0,0,16\n", "list.csv:1:11: found the bank \"16\"; wanted a number from 0 to 15");
  expect_refused("0,ACT,1,0,0\n", "list.csv:1:7: found the rank \"1\"");
  expect_refused("0,ACT\n", "no bank");
  expect_refused("5,ACT,0,0,0\n4,PRE,0,0,0\n", "list.csv:2:1: found the timestamp 4");
  expect_refused("0,REFB,0,0,0\n", "list.csv:1:3: found the command \"REFB\"; wanted a command of DDR5");
  expect_refused("0,RD,0,0,0,0,0,12zz\n", "list.csv:1:16: found the data \"12zz\"");
  expect_refused("time,command\n", "did you mean \"timestamp\"");
  expect_refused("-1,ACT,0,0,0\n", "list.csv:1:1");
}

TEST(Memspec, RefusesWhatItCannotUse) {
  EXPECT_THROW(spec_of("[memarchitecturespec]\nnbrOfBanks = 8\n"), core::InputError);
  const auto without = [](const char* key) {
    core::Value document = core::parse_toml(toy_ddr5, "spec.toml");
    auto& power = std::get<core::Table>(std::get<core::Table>(document.data).at("mempowerspec").data);
    power.erase(key);
    return document;
  };
  EXPECT_THROW(read_memspec(without("idd4r")), core::InputError);
  core::Value document = core::parse_toml(toy_ddr5, "spec.toml");
  core::set_value(document, "memoryType=DDR6");
  EXPECT_THROW(read_memspec(document), core::InputError);
  document = core::parse_toml(toy_ddr5, "spec.toml");
  core::set_value(document, "memtimingspec.tCK=\"0.5 ns\"");
  EXPECT_DOUBLE_EQ(read_memspec(document).tck, 0.5e-9);
}

}  // namespace
}  // namespace wordline::dram
