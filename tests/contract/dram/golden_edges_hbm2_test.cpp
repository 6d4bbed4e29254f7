// Golden edges of HBM2: clocks of public presets at 1 GHz, nanoseconds of a real controller's settings at 900 MHz. ACT
// takes two clocks of the row bus and its timings count from the second.
#include "golden_edges.h"

namespace wordline::dram {
namespace {

using testing::check;
using testing::part;

// Fields: pseudochannel, sid, bankgroup, bank.
const std::vector<int> b{0, 0, 0, 0}, group{0, 0, 0, 1}, other{0, 0, 1, 0}, pc{1, 0, 0, 0};

// Ramulator 2.1 HBM2_2000Mbps (nCL 14, nCWL 5, nRCD 14/12, nRP 14, nRAS 34, nWR 16, nRTP 5, nCCD 2/4, nWTR 6/8, nRFC
// 350 and nRFCpb 160 of 8 Gb), tRRD_L 6 and tFAW 16 of DRAMSys and gem5; read to write by note 23 of JESD235D Table 68.
TEST(GoldenEdgesHbm2, At2000) {
  check("hbm2-2000-8h-8gb", {},
        {{"ACT", b, "RD", b, 15, "nRCDRD 14 + 1"},
         {"ACT", b, "WR", b, 13, "nRCDWR 12 + 1"},
         {"ACT", b, "PRE", b, 35, "nRAS 34 + 1"},
         {"PRE", b, "ACT", b, 13, "nRP 14 - 1"},
         {"ACT", b, "ACT", b, 48, "nRC 48"},
         {"ACT", b, "ACT", group, 6, "RRDL 6"},
         {"ACT", b, "ACT", other, 4, "RRDS 4"},
         {"ACT", b, "ACT", pc, 2, "two clocks of the row bus"},
         {"RD", b, "RD", group, 4, "nCCDL 4"},
         {"RD", b, "RD", other, 2, "nCCDS 2"},
         {"RD", b, "RD", pc, 1, "the column bus"},
         {"WR", b, "WR", group, 4, "nCCDL 4"},
         {"RD", b, "WR", other, 15, "14 + 2 - 5 + (0.3 + 3.5 + tDQSQ) ns = 4"},
         {"WR", b, "RD", group, 15, "nCWL 5 + nBL 2 + nWTRL 8"},
         {"WR", b, "RD", other, 13, "nCWL 5 + nBL 2 + nWTRS 6"},
         {"RD", b, "PRE", b, 5, "nRTP 5"},
         {"WR", b, "PRE", b, 23, "nCWL 5 + nBL 2 + nWR 16"},
         {"RDA", b, "ACT", b, 18, "nRTP 5 + nRP 14 - 1"},
         {"RDA", b, "REFpb", b, 19, "nRTP 5 + nRP 14"},
         {"WRA", b, "ACT", b, 36, "nCWL 5 + nBL 2 + nWR 16 + nRP 14 - 1"},
         {"PREA", b, "REFab", b, 14, "nRP 14"},
         {"PRE", b, "PRE", other, 1, "the row bus"},
         {"ACT", b, "PRE", pc, 2, "the row bus"},
         {"REFab", b, "ACT", b, 349, "350 ns (8 Gb a channel) - 1"},
         {"REFab", b, "ACT", pc, 1, "the row bus alone: a refresh is one pseudo-channel's"},
         {"REFpb", b, "ACT", b, 159, "nRFCpb 160 - 1"},
         {"REFpb", b, "ACT", other, 7, "nRREFD 8 - 1"},
         {"REFpb", b, "REFpb", other, 8, "nRREFD 8"}});
  const Standard s = part("hbm2-2000-8h-8gb").standard;
  EXPECT_EQ(s.timing("tFAW"), 16);
  EXPECT_EQ(s.timing("tREFI"), 3900);
  EXPECT_EQ(s.spec(s.id("RD")).latency, 14);
}

// HBM-Power's controller at 600 MHz: RCD 9/6, RP 9, RAS 20, WR 10 and WTR 3/6 clocks of 1.667 ns, in clocks of 1.111
// ns.
TEST(GoldenEdgesHbm2, At1800) {
  check("hbm2-1800-4h-4gb", {},
        {{"ACT", b, "RD", b, 15, "15 ns = 13.5, 14 + 1"},
         {"ACT", b, "WR", b, 10, "10 ns = 9, + 1"},
         {"PRE", b, "ACT", b, 13, "14 - 1"},
         {"ACT", b, "PRE", b, 31, "33.3 ns = 30, + 1"},
         {"ACT", b, "ACT", b, 44, "30 + 14"},
         {"RD", b, "RD", other, 2, "two clocks a burst"},
         {"WR", b, "PRE", b, 22, "CWL 5 + 2 + 16.7 ns 15"},
         {"WR", b, "RD", group, 16, "CWL 5 + 2 + 10 ns 9"},
         {"WR", b, "RD", other, 12, "CWL 5 + 2 + 5 ns 5"},
         {"REFab", b, "ACT", b, 233, "260 ns (4 Gb a channel) = 234 - 1"}});
  EXPECT_EQ(part("hbm2-1800-4h-4gb").standard.timing("tREFI"), 3510);
}

}  // namespace
}  // namespace wordline::dram
