// The auditor against every rule of every shipped part, against planted violations, and against legal random traffic.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "../../unit/dram/test_parts.h"
#include "wordline/core/random.h"
#include "wordline/dram/auditor.h"
#include "wordline/dram/device.h"
#include "wordline/dram/trace.h"

namespace wordline::dram {
namespace {

using testing::catalog;
using testing::command;
using testing::part;
using ::testing::UnorderedElementsAre;

LevelSizes two_ranks(const std::string& name) {
  const Part p = part(name);
  return p.standard.geometry.level_of("rank") > 0 ? LevelSizes{{"rank", 2}} : LevelSizes{};
}

std::vector<std::string> names_of(const std::vector<Violation>& violations) {
  std::vector<std::string> names;
  for (const auto& violation : violations) names.push_back(violation.rule);
  return names;
}

const Violation* found(const std::vector<Violation>& violations, const std::string& rule, Tick earliest) {
  for (const auto& violation : violations)
    if (violation.rule == rule && violation.earliest == earliest) return &violation;
  return nullptr;
}

// A bank whose relation to bank 0 is the one that a rule binds: a common node of its level, or a sibling's.
std::optional<int> bank_for(const Rule& rule, const Geometry& g) {
  for (int bank = g.banks() - 1; bank >= 0; --bank)
    if (g.shared_level(0, bank) == (rule.other ? rule.level - 1 : rule.level)) return bank;
  return rule.other ? std::nullopt : std::optional<int>(0);
}

// Probes one part: far apart in time, so that no probe sees another, and with a new auditor before it forgets
// violations.
class Prober {
 public:
  explicit Prober(const Standard& standard) : standard_(standard), auditor_(standard, false), device_(standard) {}

  // The rule's earlier commands at one tick, then the later one `wait` after them and one tick before that: the rule
  // must be named exactly when it is early. Device must hold it back as long, and no longer than the auditor does.
  void probe(const Rule& rule, std::size_t i, std::size_t j, int bank) {
    const Tick wait = rule.wait(i, j);
    if (wait == 0) return;
    what_ = standard_.name + " " + rule.name + ": " + standard_.spec(rule.earlier[i]).name + " -> " +
            standard_.spec(rule.later[j]).name;
    for (const bool early : {true, false}) {
      const auto last = after(rule, i, {wait - (early ? 1 : 0), bank, 0, 0, rule.later[j]});
      const Violation* named = found(last, rule.name, base_ + wait);
      EXPECT_EQ(named != nullptr, early) << what_;
      if (named) {
        EXPECT_EQ(named->tick, base_ + wait - 1) << what_;
      }
    }
    base_ += 100'000;
    for (int n = 0; n < rule.window; ++n) device_.issue({base_, 0, 0, 0, rule.earlier[i]});
    const Tick ready = device_.earliest({base_, bank, 0, 0, rule.later[j]}) - base_;
    EXPECT_GE(ready, wait) << what_;
    EXPECT_FALSE(late(after(rule, i, {ready, bank, 0, 0, rule.later[j]}))) << what_;
    const Tick before = ready - standard_.spec(rule.later[j]).align;
    if (before >= 0) {
      EXPECT_TRUE(late(after(rule, i, {before, bank, 0, 0, rule.later[j]}))) << what_;
    }
  }

 private:
  // What the auditor says of a command some ticks after the earlier ones.
  std::vector<Violation> after(const Rule& rule, std::size_t i, Command command) {
    if (auditor_.violation_count() > 900) auditor_ = Auditor(standard_, false);
    base_ += 100'000;
    for (int n = 0; n < rule.window; ++n) auditor_.take({base_, 0, 0, 0, rule.earlier[i]});
    const auto before = auditor_.violation_count();
    command.tick += base_;
    auditor_.take(command);
    const auto& all = auditor_.violations();
    return {all.begin() + before, all.end()};
  }
  static bool late(const std::vector<Violation>& violations) {
    return std::any_of(violations.begin(), violations.end(), [](const Violation& v) { return v.earliest >= 0; });
  }

  const Standard& standard_;
  Auditor auditor_;
  Device device_;
  std::string what_;
  Tick base_ = 0;
};

TEST(Audit, EveryRuleOfEveryPartIsNamedOneTickEarlyAndSilentAtItsEdge) {
  int probed = 0;
  for (const auto& name : catalog().names("dram/parts")) {
    const Part p = part(name, two_ranks(name));
    Prober prober(p.standard);
    for (const auto& rule : p.standard.rules) {
      const auto bank = bank_for(rule, p.standard.geometry);
      if (!bank) continue;  // a sibling rule in a part with one such node (one stack id)
      for (std::size_t i = 0; i < rule.earlier.size(); ++i)
        for (std::size_t j = 0; j < rule.later.size(); ++j, ++probed) prober.probe(rule, i, j, *bank);
    }
  }
  EXPECT_GT(probed, 7000);
}

// A legal sequence of DDR5-4800 x8 on two ranks; each plant moves or adds one command.
class Planted : public ::testing::Test {
 protected:
  Part part_ = part("ddr5-4800-x8-16gb", {{"rank", 2}});
  const Standard& s_ = part_.standard;
  std::vector<Command> legal_ = {
      command(s_, 0, "ACT", {0, 0, 0}, 5),  command(s_, 8, "ACT", {0, 1, 0}, 5),  command(s_, 16, "ACT", {0, 2, 0}, 5),
      command(s_, 24, "ACT", {0, 3, 0}, 5), command(s_, 26, "ACT", {1, 0, 0}, 5), command(s_, 32, "ACT", {0, 4, 0}, 5),
      command(s_, 42, "RD", {0, 0, 0}),     command(s_, 50, "RD", {0, 1, 0}),     command(s_, 62, "RD", {0, 1, 0}),
      command(s_, 80, "RD", {1, 0, 0}),     command(s_, 100, "WR", {0, 2, 0}),    command(s_, 108, "WR", {0, 3, 0}),
      command(s_, 160, "RD", {0, 4, 0}),    command(s_, 180, "PRE", {0, 0, 0}),   command(s_, 230, "PREA", {0, 0, 0}),
      command(s_, 232, "PREA", {1, 0, 0}),  command(s_, 270, "REFab", {0, 0, 0}), command(s_, 980, "ACT", {0, 0, 0}, 6),
      command(s_, 1020, "RDA", {0, 0, 0}),
  };
  // Rules named when the command at `index` comes at `tick` instead.
  std::vector<std::string> moved(std::size_t index, Tick tick) {
    auto trace = legal_;
    trace[index].tick = tick;
    return names_of(audit(s_, trace, 0, false));
  }
  std::vector<Violation> added(const Command& command) {
    auto trace = legal_;
    trace.push_back(command);
    return audit(s_, trace, 0, false);
  }
};

TEST_F(Planted, TheSequenceIsLegalAsItStands) {
  EXPECT_THAT(names_of(audit(s_, legal_, 0, false)), ::testing::IsEmpty());
}

TEST_F(Planted, TimingOfOneBank) {
  EXPECT_THAT(moved(6, 39), ::testing::Contains("tRCD"));
  EXPECT_THAT(moved(17, 976), UnorderedElementsAre("tRFCab"));
  EXPECT_THAT(moved(17, 977), ::testing::IsEmpty());  // REFab 270 + tRFC 708 - 1: ACT counts from its second clock
  EXPECT_THAT(moved(13, 77), ::testing::Contains("tRAS"));
  EXPECT_THAT(names_of(added(command(s_, 1077, "ACT", {0, 0, 0}, 7))), UnorderedElementsAre("tRTP+tRP", "tRC"));
}

TEST_F(Planted, WindowsGroupsAndRanks) {
  EXPECT_THAT(moved(5, 31), UnorderedElementsAre("tFAW", "tRRD_S"));
  EXPECT_THAT(moved(8, 61), UnorderedElementsAre("tCCD_L"));
  EXPECT_THAT(moved(9, 71), UnorderedElementsAre("rank-switch"));
  EXPECT_THAT(moved(12, 159), UnorderedElementsAre("tWTR_S"));
}

TEST_F(Planted, WriteRecoveryAndTurnaround) {
  auto trace = legal_;
  trace[10].tick = 75;  // WR of rank 0, 13 clocks after its last RD; and its burst runs into rank 1's
  EXPECT_THAT(names_of(audit(s_, trace, 0, false)), ::testing::IsSupersetOf({"tRTW"}));
  trace = legal_;
  trace[14].tick = 226;  // PREA 118 after the second WR
  EXPECT_THAT(names_of(audit(s_, trace, 0, false)), UnorderedElementsAre("tWR"));
}

TEST_F(Planted, BusesAlignmentOrderAndAddress) {
  EXPECT_THAT(moved(15, 230), ::testing::Contains("command-bus"));
  EXPECT_THAT(names_of(added(command(s_, 1000, "PRE", {0, 1, 0}))), ::testing::Contains("order"));
  Command wrong = command(s_, 2000, "ACT", {0, 0, 0});
  wrong.bank = 64;
  EXPECT_THAT(names_of(added(wrong)), UnorderedElementsAre("address"));
  const Part hbm = part("hbm3-6400-8h-16gb");
  const auto odd = audit(hbm.standard, {command(hbm.standard, 3, "ACT", {0, 0, 0, 0}, 1)}, 0, false);
  ASSERT_EQ(odd.size(), 1u);
  EXPECT_EQ(odd[0].rule, "alignment");
  EXPECT_EQ(odd[0].earliest, 4);
}

TEST_F(Planted, StatesOfBanks) {
  const auto read = added(command(s_, 3000, "RD", {1, 3, 3}));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].rule, "state");
  EXPECT_EQ(read[0].tick, 3000);
  auto trace = legal_;
  trace.resize(17);
  trace.push_back(command(s_, 980, "ACT", {0, 0, 0}, 6));
  trace.push_back(command(s_, 3000, "ACT", {0, 0, 0}, 7));  // open already
  trace.push_back(command(s_, 5000, "REFsb", {0, 0, 0}));   // bank 0 of group 0 is open
  trace.push_back(command(s_, 6000, "REFsb", {0, 0, 1}));   // no bank 1 is
  EXPECT_THAT(names_of(audit(s_, trace, 0, false)), ::testing::ElementsAre("state", "state"));
}

TEST_F(Planted, RefreshDebt) {
  const Tick refi = s_.timing("tREFI");
  EXPECT_EQ(refi, 9360);
  std::vector<Command> trace;
  for (int k = 1; k <= 20; ++k)
    for (int rank = 0; rank < 2; ++rank) trace.push_back(command(s_, k * refi + 100 * rank, "REFab", {rank, 0, 0}));
  EXPECT_THAT(names_of(audit(s_, trace, 20 * refi)), ::testing::IsEmpty());

  auto postponed = trace;  // rank 0's fifth to eighth wait until just before the limit of five intervals
  for (std::size_t k = 4; k < 8; ++k) postponed[2 * k].tick = 9 * refi - 8000 + static_cast<Tick>(k) * 800;
  std::stable_sort(postponed.begin(), postponed.end(),
                   [](const Command& a, const Command& b) { return a.tick < b.tick; });
  EXPECT_THAT(names_of(audit(s_, postponed, 20 * refi)), ::testing::IsEmpty());

  std::vector<Command> late;  // rank 1 never again after its third
  for (const auto& c : trace)
    if (c.bank == 0 || c.tick < 4 * refi) late.push_back(c);
  const auto violations = audit(s_, late, 20 * refi);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].rule, "refresh-late");
  EXPECT_EQ(violations[0].tick, 3 * refi + 5 * refi);  // credited to 3 tREFI, and 4 may be postponed

  std::vector<Command> eager;
  for (int k = 0; k < 6; ++k) eager.push_back(command(s_, 1000 * (k + 1), "REFab", {0, 0, 0}));
  EXPECT_THAT(names_of(audit(s_, eager, 0)), UnorderedElementsAre("refresh-early"));
}

}  // namespace
}  // namespace wordline::dram
