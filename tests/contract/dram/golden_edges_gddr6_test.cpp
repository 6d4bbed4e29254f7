// Golden edges of GDDR6: the nanoseconds of Samsung's K4Z80325BC in exact clocks of 4/7 ns and 0.5 ns. (Ramulator 2.1
// truncates the clock to 0.57 ns, so that 4, 8, 16, 60 and 120 ns take one clock more there.)
#include "golden_edges.h"

namespace wordline::dram {
namespace {

using testing::check;
using testing::part;

// Fields: bankgroup, bank.
const std::vector<int> b{0, 0}, group{0, 1}, other{1, 0};

// tRCD 15/9, tRP 15, tRAS 30, tRC 45, tWR 15, tRRD 4, tFAW 16, tWTR 5/6, tRFC 120 and 60, tRREFD 8 ns; CL 24, CWL 6,
// tRTP 4, tCCD 2 and 4 clocks.
TEST(GoldenEdgesGddr6, At14) {
  check("gddr6-14-8gb", {},
        {{"ACT", b, "RD", b, 27, "15 ns = 26.25"},
         {"ACT", b, "WR", b, 16, "9 ns = 15.75"},
         {"ACT", b, "PRE", b, 53, "30 ns = 52.5"},
         {"PRE", b, "ACT", b, 27, "15 ns"},
         {"ACT", b, "ACT", b, 79, "45 ns = 78.75"},
         {"ACT", b, "ACT", group, 7, "4 ns"},
         {"ACT", b, "ACT", other, 7, "4 ns"},
         {"RD", b, "RD", group, 4, "nCCDL 4"},
         {"RD", b, "RD", other, 2, "nCCDS 2"},
         {"WR", b, "WR", group, 4, "nCCDL 4"},
         {"WR", b, "WR", other, 2, "nCCDS 2"},
         {"RD", b, "WR", other, 25, "nCL 24 + one clock of turnaround"},
         {"WR", b, "RD", group, 19, "nCWL 6 + nBL 2 + nWTRL 11"},
         {"WR", b, "RD", other, 17, "nCWL 6 + nBL 2 + nWTRS 9"},
         {"RD", b, "PRE", b, 4, "nRTP 4"},
         {"WR", b, "PRE", b, 35, "nCWL 6 + nBL 2 + 15 ns 27"},
         {"RDA", b, "ACT", b, 31, "nRTP 4 + nRP 27"},
         {"WRA", b, "ACT", b, 62, "35 + nRP 27"},
         {"WRA", b, "REFpb", b, 62, "35 + nRP 27"},
         {"PREA", b, "REFab", b, 27, "nRP 27"},
         {"PRE", b, "PRE", other, 1, "nPPD 1"},
         {"RD", b, "ACT", other, 1, "one clock of the one command bus"},
         {"ACT", b, "REFpb", other, 7, "nRRDL"},
         {"REFab", b, "ACT", b, 210, "120 ns"},
         {"REFpb", b, "ACT", b, 105, "60 ns"},
         {"REFpb", b, "ACT", other, 14, "8 ns"},
         {"REFpb", b, "REFpb", other, 14, "8 ns"}});
  EXPECT_EQ(part("gddr6-14-8gb").standard.timing("tFAW"), 28);     // 16 ns
  EXPECT_EQ(part("gddr6-14-8gb").standard.timing("tREFI"), 3325);  // 1.9 us
}

// DRAMsim3 GDDR6_8Gb_x16.ini: txp 12, tckesr 8 clocks, txs six clocks of 0.66 ns beyond trfc; column commands to
// power-down by DDR4's rule, data moved and one clock.
TEST(GoldenEdgesGddr6, PowerDownAndSelfRefreshAt14) {
  check("gddr6-14-8gb", {},
        {{"PDE", b, "PDX", b, 8, "8 clocks"},
         {"PDX", b, "ACT", b, 12, "txp 12"},
         {"RD", b, "PDE", b, 27, "24 + 2 + 1"},
         {"WR", b, "PDE", b, 36, "6 + 2 + 27 + 1"},
         {"SRE", b, "SRX", b, 8, "tckesr 8"},
         {"SRX", b, "ACT", b, 217, "120 ns 210 + 4 ns 7"},
         {"PREA", b, "SRE", b, 27, "nRP 27"},
         {"MRS", b, "ACT", b, 15, "15 clocks, assumed"}});
}

TEST(GoldenEdgesGddr6, At16) {
  check("gddr6-16-16gb", {},
        {{"ACT", b, "RD", b, 30, "15 ns"},
         {"ACT", b, "WR", b, 18, "9 ns"},
         {"PRE", b, "ACT", b, 30, "15 ns"},
         {"ACT", b, "PRE", b, 60, "30 ns"},
         {"ACT", b, "ACT", other, 8, "4 ns"},
         {"RD", b, "WR", other, 29, "13.7 ns = 28, + 1"},
         {"REFab", b, "ACT", b, 240, "120 ns"}});
  EXPECT_EQ(part("gddr6-16-16gb").standard.timing("tREFI"), 3800);
}

}  // namespace
}  // namespace wordline::dram
