// Golden edges of DDR5 at 5600, of 24 Gb dies and of the locked pair of an MCR DIMM: clocks by JESD79-5's rounding, (ps
// * 997 / tCK
// + 1000) / 1000 with tCK truncated to 357 or 454 ps; ACT, RD and WR take two clocks.
#include "golden_edges.h"

namespace wordline::dram {
namespace {

using testing::check;
using testing::part;

// Fields: rank, bankgroup, bank.
const std::vector<int> b{0, 0, 0}, group{0, 0, 1}, other{0, 1, 0}, rank{1, 0, 0};

// Ramulator 2.1 DDR5_5600AN: 40-40-40, RAS 90, RC 130, WR 84, CCD_L_WR 56, WTR_L 28. Where it departs from Micron's
// nanoseconds (CCD_L 12, RTP 20, WTR_S 5) those are taken: 5 ns, 7.5 ns, 2.5 ns.
TEST(GoldenEdgesDdr5, At5600) {
  check("ddr5-5600-x4-16gb", {{"rank", 2}},
        {{"ACT", b, "RD", b, 40, "nRCD 40"},
         {"ACT", b, "PRE", b, 91, "nRAS 90 + 1"},
         {"PRE", b, "ACT", b, 39, "nRP 40 - 1"},
         {"ACT", b, "ACT", b, 130, "nRC 130"},
         {"ACT", b, "ACT", group, 14, "nRRDL 14, 5 ns"},
         {"ACT", b, "ACT", other, 8, "8 nCK"},
         {"RD", b, "RD", group, 14, "5 ns = 13.96"},
         {"RD", b, "RD", other, 8, "8 nCK"},
         {"WR", b, "WR", group, 56, "nCCDL_WR 56"},
         {"WR", b, "RD", group, 74, "nCWL 38 + 8 + nWTRL 28"},
         {"WR", b, "RD", other, 53, "nCWL 38 + 8 + 2.5 ns 7"},
         {"RD", b, "PRE", b, 22, "7.5 ns 21 + 1"},
         {"WR", b, "PRE", b, 131, "nCWL 38 + 8 + nWR 84 + 1"},
         {"RD", b, "RD", rank, 10, "8 + nCS 2"},
         {"REFab", b, "ACT", b, 823, "295 ns = 823.8, 824 - 1"}});
  check("ddr5-5600-x8-16gb", {}, {{"WR", b, "WR", group, 28, "10 ns: no read-modify-write"}});
  EXPECT_EQ(part("ddr5-5600-x8-16gb").standard.timing("tFAW"), 32);
  EXPECT_EQ(part("ddr5-5600-x8-16gb").standard.timing("tREFI"), 10920);  // 3900 ns at 2.8 GHz, exactly
}

// 32 Gb's 410 ns: Ramulator 2.1 has 986 clocks at 4800 and 1315 at 6400 by its own rounding; here ps * 997 / tCK.
TEST(GoldenEdgesDdr5, TwentyFourGigabitDies) {
  check("ddr5-5600-x4-24gb", {},
        {{"REFab", b, "ACT", b, 1145, "410 ns = 1145.01, 1146 - 1"},
         {"REFsb", b, "ACT", other, 530, "190 ns = 530.6, 531 - 1: bank 0 of each group"}});
  check("ddr5-6400-x4-24gb", {}, {{"REFab", b, "ACT", b, 1310, "410 ns at 312 ps = 1310.2, 1311 - 1"}});
}

// One command to both ranks of the pair: DDR5-4400's waits in DRAM clocks, two clocks a command, 128 bytes in eight
// clocks.
TEST(GoldenEdgesDdr5, McrPairLockedAt8800) {
  check("ddr5-mcr-8800-x4-16gb-locked", {{"rank", 2}},
        {{"ACT", b, "RD", b, 32, "14.545 ns"},
         {"PRE", b, "ACT", b, 31, "14.545 ns - 1"},
         {"ACT", b, "ACT", other, 8, "8 nCK"},
         {"ACT", b, "RD", other, 2, "the command bus"},
         {"RD", b, "RD", other, 8, "8 nCK"},
         {"RD", b, "RD", group, 11, "5 ns at 454 ps"},
         {"WR", b, "WR", group, 44, "20 ns"},
         {"RD", b, "WR", other, 14, "32 + 8 + 4 - 30"},
         {"RD", b, "RD", rank, 10, "8 + 2: from one pair to another"},
         {"PRE", b, "PRE", rank, 1, "the command bus"}});
  EXPECT_EQ(part("ddr5-mcr-8800-x4-16gb-locked").standard.geometry.burst_bytes, 128);
}

}  // namespace
}  // namespace wordline::dram
