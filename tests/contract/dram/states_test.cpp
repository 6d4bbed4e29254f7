// Power-down, self-refresh, two-part activations and data clocks: what the auditor says, and what Device wants first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../unit/dram/test_parts.h"
#include "wordline/dram/auditor.h"
#include "wordline/dram/device.h"

namespace wordline::dram {
namespace {

using testing::command;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::part;

std::vector<std::string> names_of(const std::vector<Violation>& violations) {
  std::vector<std::string> names;
  for (const auto& violation : violations) names.push_back(violation.rule);
  return names;
}

class Ddr5States : public ::testing::Test {
 protected:
  Part part_ = part("ddr5-4800-x8-16gb", {{"rank", 2}});
  const Standard& s_ = part_.standard;
  Command at(Tick tick, const std::string& name, std::vector<int> fields = {0, 0, 0}) {
    return command(s_, tick, name, std::move(fields), 1);
  }
};

TEST_F(Ddr5States, NothingButItsExitReachesARankInPowerDown) {
  EXPECT_THAT(names_of(audit(s_, {at(0, "PDE"), at(50, "ACT", {1, 0, 0}), at(100, "PDX"), at(200, "ACT")}, 0, false)),
              IsEmpty());
  EXPECT_THAT(names_of(audit(s_, {at(0, "PDE"), at(100, "ACT"), at(200, "PDX")}, 0, false)), ElementsAre("state"));
  EXPECT_THAT(names_of(audit(s_, {at(100, "PDX")}, 0, false)), ElementsAre("state"));
  EXPECT_THAT(names_of(audit(s_, {at(0, "PDE"), at(100, "SRX")}, 0, false)), ElementsAre("state"));
  Device device(s_);
  device.issue(at(0, "PDE"));
  EXPECT_EQ(device.needed_first(at(100, "REFab")), s_.id("PDX"));
  EXPECT_EQ(device.needed_first(at(100, "REFab", {1, 0, 0})), no_command);
}

TEST_F(Ddr5States, PowerDownWithAnOpenRowButSelfRefreshOnlyWhenAllAreClosed) {
  EXPECT_THAT(names_of(audit(s_, {at(0, "ACT"), at(100, "PDE"), at(200, "PDX"), at(300, "RD")}, 0, false)), IsEmpty());
  EXPECT_THAT(names_of(audit(s_, {at(0, "ACT"), at(200, "SRE")}, 0, false)), ElementsAre("state"));
  Device device(s_);
  device.issue(at(0, "ACT"));
  EXPECT_EQ(device.needed_first(at(100, "SRE")), s_.id("PREA"));
  EXPECT_EQ(device.needed_first(at(100, "MRW")), s_.id("PREA"));
}

TEST_F(Ddr5States, SelfRefreshPaysTheDebtAndRfmDoesNot) {
  const Tick refi = s_.timing("tREFI");
  std::vector<Command> asleep, managed;
  for (const int rank : {0, 1}) asleep.push_back(at(1000 + rank, "SRE", {rank, 0, 0}));
  for (const int rank : {0, 1}) asleep.push_back(at(20 * refi + rank, "SRX", {rank, 0, 0}));
  for (const int rank : {0, 1}) asleep.push_back(at(21 * refi + 10 * rank, "REFab", {rank, 0, 0}));
  EXPECT_THAT(names_of(audit(s_, asleep, 22 * refi)), IsEmpty());
  EXPECT_THAT(names_of(audit(s_, {asleep[0], asleep[1]}, 30 * refi)), IsEmpty());  // still asleep
  for (int k = 1; k <= 6; ++k)
    for (const int rank : {0, 1}) managed.push_back(at(k * refi + 10 * rank, "RFMab", {rank, 0, 0}));
  EXPECT_THAT(names_of(audit(s_, managed, 6 * refi)), ElementsAre("refresh-late", "refresh-late"));
}

TEST_F(Ddr5States, ModesChangeWhatIsOwed) {
  const auto refresh_of = [](const Modes& modes) {
    return load_part(testing::catalog(), "ddr5-4800-x8-16gb", {}, modes).standard;
  };
  EXPECT_EQ(refresh_of({}).refreshes[0].credit, 9360);
  EXPECT_EQ(refresh_of({"hot"}).refreshes[0].credit, 4680);
  EXPECT_EQ(refresh_of({"hot"}).refreshes[1].credit, 2340);
  EXPECT_EQ(refresh_of({"hot"}).spec(refresh_of({}).id("REFab")).busy, 708);
  EXPECT_EQ(refresh_of({"fine-granularity"}).refreshes[0].credit, 4680);
  EXPECT_EQ(refresh_of({"fine-granularity"}).spec(refresh_of({}).id("REFab")).busy, 384);  // tRFC2 160 ns
  EXPECT_EQ(refresh_of({"fine-granularity", "hot"}).refreshes[0].credit, 2340);
  EXPECT_THROW(refresh_of({"hto"}), core::InputError);
}

TEST(HbmStates, PowerDownIsTheWholeChannels) {
  const Part p = part("hbm3-6400-8h-16gb");
  const Standard& s = p.standard;
  Device device(s);
  device.issue(command(s, 0, "PDE", {0, 0, 0, 0}));
  EXPECT_EQ(device.needed_first(command(s, 100, "ACT", {1, 1, 0, 0})), s.id("PDX"));
  EXPECT_EQ(s.power_level, 0);
}

class Lpddr : public ::testing::Test {
 protected:
  Part part_ = part("lpddr5x-8533-x16-16gb", {{"rank", 2}});
  const Standard& s_ = part_.standard;
  Command at(Tick tick, const std::string& name, std::vector<int> fields = {0, 0, 0}) {
    return command(s_, tick, name, std::move(fields), 1);
  }
  std::vector<Command> open_ = {at(0, "ACT1"), at(1, "ACT2")};
  std::vector<std::string> after_open(std::vector<Command> more) {
    more.insert(more.begin(), open_.begin(), open_.end());
    return names_of(audit(s_, more, 0, false));
  }
};

TEST_F(Lpddr, ASecondPartFollowsItsFirstInTime) {
  EXPECT_THAT(names_of(audit(s_, {at(0, "ACT1"), at(8, "ACT2")}, 0, false)), IsEmpty());
  EXPECT_THAT(names_of(audit(s_, {at(0, "ACT1"), at(9, "ACT2")}, 0, false)), ElementsAre("tAAD"));
  EXPECT_THAT(names_of(audit(s_, {at(0, "ACT2")}, 0, false)), ElementsAre("state"));
  EXPECT_THAT(names_of(audit(s_, {at(0, "ACT1")}, 100, false)), ElementsAre("tAAD"));
  EXPECT_THAT(names_of(audit(s_, {at(0, "ACT1"), at(6, "ACT1", {0, 1, 0}), at(7, "ACT2", {0, 1, 0})}, 0, false)),
              ElementsAre("state"));
  EXPECT_THAT(
      names_of(audit(s_, {at(0, "ACT1"), at(1, "ACT1", {1, 1, 0}), at(2, "ACT2"), at(3, "ACT2", {1, 1, 0})}, 0, false)),
      IsEmpty());  // another rank
  Device device(s_);
  EXPECT_EQ(device.needed_first(at(0, "ACT2")), s_.id("ACT1"));
  EXPECT_EQ(device.needed_first(at(0, "RD")), s_.id("ACT1"));
  device.issue(at(0, "ACT1"));
  EXPECT_EQ(device.first_command(at(6, "ACT1", {0, 1, 0})), at(6, "ACT2"));
  EXPECT_EQ(device.needed_first(at(8, "ACT2")), no_command);
  EXPECT_EQ(device.needed_first(at(9, "ACT2")), s_.id("ACT1"));
}

TEST_F(Lpddr, ATransferWantsTheDataClock) {
  EXPECT_THAT(after_open({at(30, "RD")}), ElementsAre("sync"));
  EXPECT_THAT(after_open({at(29, "CASRD"), at(30, "RD")}), IsEmpty());
  EXPECT_THAT(after_open({at(29, "CASRD", {1, 0, 0}), at(30, "RD")}), ElementsAre("sync"));  // another rank's
  EXPECT_THAT(after_open({at(29, "CASRD"), at(30, "RD"), at(58, "RD")}), IsEmpty());         // RL 23 + 4 + 1 later
  EXPECT_THAT(after_open({at(29, "CASRD"), at(30, "RD"), at(59, "RD")}), ElementsAre("sync"));
  EXPECT_THAT(after_open({at(29, "CASWR"), at(30, "WR"), at(47, "WR"), at(65, "WR")}), ElementsAre("sync"));
  EXPECT_THAT(after_open({at(29, "CASRD"), at(33, "PDE"), at(50, "PDX"), at(57, "RD")}),
              ::testing::Contains("sync"));  // power-down stops it
}

}  // namespace
}  // namespace wordline::dram
