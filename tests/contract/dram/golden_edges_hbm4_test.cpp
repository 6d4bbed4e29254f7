// Golden edges of HBM4: clocks of Ramulator 2.1's preset; ACT takes 1.5 clocks and its timings count from one clock
// after its first edge.
#include "golden_edges.h"

namespace wordline::dram {
namespace {

using testing::check;
using testing::part;

// Fields: pseudochannel, sid, bankgroup (two), bank (eight).
const std::vector<int> b{0, 0, 0, 0}, group{0, 0, 0, 7}, other{0, 0, 1, 0}, sid{0, 2, 0, 0}, pc{1, 0, 0, 0};

// Ramulator 2.1 c5b1c3a, HBM4_8000Mbps: nCL 20, nCWL 10, nRC 90, nRAS 57, nRP 33, nRCD 39/19, nRRD 5/7, nFAW 30, nRTP
// 12, nWR 42, nCCD 2/4/2, nWTR 9/13, nRTW 25, nPPD 2, nRFCpb 560, nRREFD 16; 530 ns above 8 Gb a channel.
TEST(GoldenEdgesHbm4, At8000) {
  check("hbm4-8000-12h-36gb", {},
        {{"ACT", b, "RD", b, 40, "nRCDRD 39 + 1"},
         {"ACT", b, "WR", b, 20, "nRCDWR 19 + 1"},
         {"ACT", b, "PRE", b, 58, "nRAS 57 + 1"},
         {"PRE", b, "ACT", b, 32, "nRP 33 - 1"},
         {"ACT", b, "ACT", b, 90, "nRC 90"},
         {"ACT", b, "ACT", group, 7, "nRRDL 7"},
         {"ACT", b, "ACT", other, 5, "nRRDS 5"},
         {"ACT", b, "ACT", sid, 5, "nRRDS 5"},
         {"RD", b, "RD", group, 4, "nCCDL 4"},
         {"RD", b, "RD", other, 2, "nCCDS 2"},
         {"RD", b, "RD", sid, 2, "nCCDR 2"},
         {"WR", b, "WR", sid, 2, "nCCDR 2"},
         {"RD", b, "RD", pc, 1, "one column command bus, 1 CK a command"},
         {"RD", b, "WR", other, 25, "nRTW 25"},
         {"WR", b, "RD", group, 25, "nCWL 10 + nBL 2 + nWTRL 13"},
         {"WR", b, "RD", other, 21, "nCWL 10 + nBL 2 + nWTRS 9"},
         {"WR", b, "RD", sid, 21, "nCWL 10 + nBL 2 + nWTRS 9"},
         {"RD", b, "PRE", b, 12, "nRTP 12"},
         {"WR", b, "PRE", b, 54, "nCWL 10 + nBL 2 + nWR 42"},
         {"RDA", b, "REFpb", b, 45, "nRTP 12 + nRP 33"},
         {"RDA", b, "ACT", b, 44, "nRTP 12 + nRP 33 - 1"},
         {"WRA", b, "ACT", b, 86, "nCWL 10 + nBL 2 + nWR 42 + nRP 33 - 1"},
         {"PRE", b, "PRE", other, 2, "nPPD 2"},
         {"PRE", b, "PRE", pc, 0.5, "half a clock on the row bus, either edge"},
         {"ACT", b, "PRE", pc, 1.5, "ACT takes 1.5 CK of the row bus"},
         {"PREA", b, "REFab", b, 33, "nRP 33"},
         {"REFab", b, "ACT", b, 1059, "530 ns = 1060 - 1"},
         {"REFpb", b, "ACT", b, 559, "nRFCpb 560 - 1"},
         {"REFpb", b, "ACT", other, 15, "nRREFD 16 - 1"},
         {"REFpb", b, "REFpb", other, 16, "nRREFD 16"}});
  const Standard s = part("hbm4-8000-12h-36gb").standard;
  EXPECT_EQ(s.timing("tFAW"), 2 * 30);
  EXPECT_EQ(s.timing("tREFI"), 2 * 7800);
  EXPECT_EQ(s.spec(s.id("RD")).latency, 2 * 20);
}

}  // namespace
}  // namespace wordline::dram
