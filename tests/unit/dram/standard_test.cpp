#include "wordline/dram/standard.h"

#include <gtest/gtest.h>

#include "test_parts.h"

namespace wordline::dram {
namespace {

using testing::catalog;
using testing::part;

TEST(Standard, GapHoldsTheLongestRuleOfTheRelation) {
  const Standard s = part("hbm3-6400-8h-16gb").standard;
  const CommandId rd = s.usual.rd, act = s.usual.act;
  const int channel = 0, pseudochannel = 1, sid = 2, bankgroup = 3, bank = 4;
  EXPECT_EQ(s.gap(bankgroup, rd, rd), 8);  // tCCD_L, 4 nCK
  EXPECT_EQ(s.gap(bank, rd, rd), 8);
  EXPECT_EQ(s.gap(sid, rd, rd), 4);            // tCCD_S
  EXPECT_EQ(s.gap(pseudochannel, rd, rd), 6);  // tCCD_R between stack ids
  EXPECT_EQ(s.gap(channel, rd, rd), 2);        // the column bus
  EXPECT_EQ(s.gap(channel, act, act), 3);      // the row bus: 1.5 clocks
  EXPECT_EQ(s.gap(channel, act, rd), 0);       // two buses
}

TEST(Standard, SparseAndDenseGapsAgree) {
  for (const auto& name : catalog().names("dram/parts")) {
    const Standard s = part(name).standard;
    for (std::size_t e = 0; e < s.commands.size(); ++e)
      for (std::size_t l = 0; l < s.commands.size(); ++l)
        for (int shared = 0; shared < s.geometry.depth(); ++shared) {
          std::int32_t longest = 0;
          for (const auto& gap : s.after(static_cast<CommandId>(e)))
            if (gap.later == l && (gap.other ? shared == gap.level - 1 : shared >= gap.level))
              longest = std::max(longest, gap.ticks);
          EXPECT_EQ(longest, s.gap(shared, static_cast<CommandId>(e), static_cast<CommandId>(l)));
        }
  }
}

// The closed form against the definition, over every pair of commands and banks.
TEST(Standard, SharedLevelIsTheDeepestOverAllReachedBanks) {
  for (const auto* name : {"ddr5-4800-x8-16gb", "hbm3e-9200-12h-36gb", "lpddr5x-8533-x16-16gb"}) {
    const Standard s = part(name).standard;
    const int banks = s.geometry.banks();
    for (std::size_t a = 0; a < s.commands.size(); ++a)
      for (std::size_t b = 0; b < s.commands.size(); ++b)
        for (int x = 0; x < banks; x += 11)
          for (int y = 0; y < banks; y += 7) {
            const auto ca = static_cast<CommandId>(a), cb = static_cast<CommandId>(b);
            int deepest = 0;
            for (const int i : s.reached(ca, x))
              for (const int j : s.reached(cb, y)) deepest = std::max(deepest, s.geometry.shared_level(i, j));
            ASSERT_EQ(s.shared_level(ca, x, cb, y), deepest)
                << name << " " << s.commands[a].name << " " << x << " " << s.commands[b].name << " " << y;
          }
  }
}

TEST(Standard, SameBankRefreshReachesOneBankOfEachGroup) {
  const Standard s = part("ddr5-4800-x8-16gb", {{"rank", 2}}).standard;
  EXPECT_EQ(s.reached(s.id("REFsb"), 35), (std::vector<int>{35, 39, 43, 47, 51, 55, 59, 63}));
  EXPECT_EQ(s.reached(s.id("PREA"), 40).size(), 32u);
  EXPECT_EQ(s.reached(s.id("PREA"), 40).front(), 32);
}

TEST(Standard, WriteSpacingInAGroupDependsOnTheWidth) {
  EXPECT_EQ(part("ddr5-4800-x4-16gb").standard.timing("tCCD_L_WR"), 48);  // read-modify-write of half an ECC word
  EXPECT_EQ(part("ddr5-4800-x8-16gb").standard.timing("tCCD_L_WR"), 24);
}

}  // namespace
}  // namespace wordline::dram
