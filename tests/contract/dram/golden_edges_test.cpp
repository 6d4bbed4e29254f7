// Golden edges: spacings typed from their sources by hand, in clocks between first edges, against typing and compiling
// errors in the tables. Each is checked through the auditor: legal at its clock, named one tick before.
#include "golden_edges.h"

namespace wordline::dram {
namespace {

using testing::check;
using testing::part;

// Ramulator 2.1 c5b1c3a, preset HBM3_6400Mbps, and JESD238 as quoted there; ACT's timings count from its last edge, one
// clock after its first. Fields: pseudochannel, sid, bankgroup, bank.
TEST(GoldenEdges, Hbm3At6400) {
  const std::vector<int> b{0, 0, 0, 0}, group{0, 0, 0, 1}, other{0, 0, 1, 0}, sid{0, 1, 0, 0}, pc{1, 0, 0, 0};
  check("hbm3-6400-8h-16gb", {},
        {{"ACT", b, "RD", b, 32, "nRCDRD 31 + 1"},
         {"ACT", b, "WR", b, 16, "nRCDWR 15 + 1"},
         {"ACT", b, "PRE", b, 46, "nRAS 45 + 1"},
         {"PRE", b, "ACT", b, 25, "nRP 26 - 1"},
         {"ACT", b, "ACT", b, 72, "nRC 72"},
         {"ACT", b, "ACT", group, 5, "nRRDL 5"},
         {"ACT", b, "ACT", other, 4, "nRRDS 4"},
         {"RD", b, "RD", group, 4, "nCCDL 4"},
         {"RD", b, "RD", other, 2, "nCCDS 2"},
         {"RD", b, "RD", sid, 3, "nCCDR 3"},
         {"WR", b, "WR", sid, 3, "nCCDR 3"},
         {"RD", b, "RD", pc, 1, "one column command bus, 1 CK a command"},
         {"RD", b, "WR", other, 20, "nRTW 20"},
         {"WR", b, "RD", group, 22, "nCWL 10 + nBL 2 + nWTRL 10"},
         {"WR", b, "RD", other, 19, "nCWL 10 + nBL 2 + nWTRS 7"},
         {"WR", b, "RD", sid, 19, "nCWL 10 + nBL 2 + nWTRS 7"},
         {"RD", b, "PRE", b, 9, "nRTP 9"},
         {"WR", b, "PRE", b, 45, "nCWL 10 + nBL 2 + nWR 33"},
         {"RDA", b, "REFpb", b, 35, "nRTP 9 + nRP 26"},
         {"RDA", b, "ACT", b, 34, "nRTP 9 + nRP 26 - 1"},
         {"WRA", b, "ACT", b, 70, "nCWL 10 + nBL 2 + nWR 33 + nRP 26 - 1"},
         {"PRE", b, "PRE", other, 2, "nPPD 2"},
         {"PRE", b, "PRE", pc, 0.5, "half a clock on the row bus, either edge"},
         {"ACT", b, "PRE", pc, 1.5, "ACT takes 1.5 CK of the row bus"},
         {"PREA", b, "REFab", b, 26, "nRP 26"},
         {"REFab", b, "ACT", b, 559, "350 ns (8 Gb a channel) = 560 - 1"},
         {"REFpb", b, "ACT", b, 319, "nRFCpb 320 - 1"},
         {"REFpb", b, "ACT", other, 12, "tRREFD max(3 nCK, 8 ns) = 13 - 1"},
         {"REFpb", b, "REFpb", other, 13, "tRREFD"}});
  EXPECT_EQ(part("hbm3-6400-8h-16gb").standard.timing("tREFI"), 2 * 6240);
  EXPECT_EQ(part("hbm3-6400-8h-16gb").standard.timing("tFAW"), 2 * 24);
}

// Ramulator 2.1, preset HBM3_9200Mbps; 10000/23 ps. tRFCab 550 ns for more than 16 Gb a channel (JESD238 Table 84).
TEST(GoldenEdges, Hbm3eAt9200) {
  const std::vector<int> b{1, 2, 3, 3}, other{1, 2, 0, 3}, sid{1, 0, 3, 3};
  check("hbm3e-9200-12h-36gb", {},
        {{"ACT", b, "RD", b, 46, "nRCDRD 45 + 1"},
         {"PRE", b, "ACT", b, 36, "nRP 37 - 1"},
         {"ACT", b, "ACT", other, 6, "nRRDS 6"},
         {"RD", b, "RD", sid, 4, "nCCDR 4"},
         {"RD", b, "WR", b, 29, "nRTW 29"},
         {"REFab", b, "ACT", b, 1264, "550 ns = 1265 - 1"},
         {"REFpb", b, "ACT", b, 459, "200 ns = 460 - 1"}});
  EXPECT_EQ(part("hbm3e-9200-12h-36gb").standard.timing("tREFI"), 2 * 8970);
}

// Ramulator 2.1 hbm2.py: preset HBM2_2000Mbps (1 ns clocks) carried to 0.625 ns, JESD235D Tables 67 and 68. ACT takes 2
// CK.
TEST(GoldenEdges, Hbm2eAt3200) {
  const std::vector<int> b{0, 0, 0, 0}, group{0, 0, 0, 1}, other{0, 0, 1, 0}, sid{0, 1, 0, 0}, pc{1, 0, 0, 0};
  check("hbm2e-3200-8h-16gb", {},
        {{"ACT", b, "RD", b, 24, "14 ns = 22.4, 23 + 1"},
         {"ACT", b, "WR", b, 21, "12 ns = 19.2, 20 + 1"},
         {"ACT", b, "PRE", b, 56, "34 ns = 54.4, 55 + 1"},
         {"PRE", b, "ACT", b, 22, "14 ns = 23 - 1"},
         {"ACT", b, "ACT", b, 78, "nRC = nRAS 55 + nRP 23"},
         {"ACT", b, "ACT", other, 7, "4 ns = 6.4"},
         {"RD", b, "RD", group, 5, "tCCD_L max(4 nCK, 2.8 ns)"},
         {"RD", b, "RD", other, 2, "tCCD_S 2 nCK"},
         {"RD", b, "RD", sid, 2, "nCCDR 2"},
         {"RD", b, "WR", other, 23, "CL 23 + BL 2 - CWL 8 + 6"},
         {"WR", b, "RD", group, 23, "CWL 8 + BL 2 + 8 ns 13"},
         {"WR", b, "RD", other, 20, "CWL 8 + BL 2 + 6 ns 10"},
         {"RD", b, "PRE", b, 8, "5 ns"},
         {"WR", b, "PRE", b, 36, "CWL 8 + BL 2 + 16 ns 26"},
         {"REFab", b, "ACT", b, 719, "450 ns (16 Gb a channel) = 720 - 1"},
         {"REFpb", b, "ACT", b, 319, "200 ns (16 Gb dies) = 320 - 1"},
         {"REFab", b, "RD", sid, 1, "a column NOP beside REFab"},
         {"ACT", b, "PRE", pc, 2, "ACT takes 2 CK of the row bus"}});
  EXPECT_EQ(part("hbm2e-3200-8h-16gb").standard.timing("tREFI"), 6240);
  EXPECT_EQ(part("hbm2e-3200-8h-16gb").standard.timing("tFAW"), 24);
}

// The SPD of a DDR5-4800 x8 16 Gb module (spdr 0.1.1): tAA, tRCD, tRP 16.64, tRAS 32, tRC 48.64, tFAW max(32, 13.333
// ns), tCCD_L max(8, 5 ns), tCCD_L_WR2 max(16, 10 ns), tWTR 10 and 2.5, tRTP 7.5, tWR 30 ns; CWL = CL - 2. ACT, RD, WR
// two clocks.
TEST(GoldenEdges, Ddr5At4800) {
  const std::vector<int> b{0, 0, 0}, group{0, 0, 1}, other{0, 1, 0}, rank{1, 0, 0};
  check("ddr5-4800-x8-16gb", {{"rank", 2}},
        {{"ACT", b, "RD", b, 40, "16.64 ns = 40"},
         {"ACT", b, "WR", b, 40, "16.64 ns = 40"},
         {"ACT", b, "PRE", b, 78, "32 ns = 77 + 1"},
         {"PRE", b, "ACT", b, 39, "40 - 1"},
         {"ACT", b, "ACT", b, 117, "48.64 ns"},
         {"ACT", b, "ACT", group, 12, "5 ns"},
         {"ACT", b, "ACT", other, 8, "8 nCK"},
         {"RD", b, "RD", group, 12, "5 ns"},
         {"RD", b, "RD", other, 8, "8 nCK"},
         {"WR", b, "WR", group, 24, "tCCD_L_WR2 10 ns"},
         {"RD", b, "WR", other, 14, "CL 40 - CWL 38 + 8 + 2 + 2"},
         {"WR", b, "RD", group, 70, "38 + 8 + 24"},
         {"WR", b, "RD", other, 52, "38 + 8 + 6"},
         {"RD", b, "PRE", b, 19, "18 + 1"},
         {"WR", b, "PRE", b, 119, "38 + 8 + 72 + 1"},
         {"PRE", b, "PRE", other, 2, "tPPD 2"},
         {"RD", b, "RD", rank, 10, "8 + nCS 2"},
         {"WR", b, "RD", rank, 8, "38 + 8 + 2 - 40"},
         {"RD", b, "WR", rank, 12, "40 + 8 + 2 - 38"},
         {"ACT", b, "ACT", rank, 2, "the command bus"},
         {"PRE", b, "PRE", rank, 1, "the command bus"},
         {"REFab", b, "ACT", b, 707, "295 ns = 708 - 1"},
         {"REFsb", b, "ACT", other, 311, "130 ns = 312 - 1: bank 0 of each group"},
         {"REFsb", b, "ACT", group, 71, "tREFSBRD 30 ns = 72 - 1"}});
  check("ddr5-4800-x4-16gb", {}, {{"WR", b, "WR", group, 48, "tCCD_L_WR 20 ns"}});
  EXPECT_EQ(part("ddr5-4800-x8-16gb").standard.timing("tFAW"), 32);
  EXPECT_EQ(part("ddr5-4800-x8-16gb").standard.timing("tREFI"), 9360);
}

// Micron's core sheet through gem5, DDR5_6400_4x8: 14.375 ns, tRAS 32 ns; 46-46-46 as in Ramulator's 6400AN.
TEST(GoldenEdges, Ddr5At6400) {
  const std::vector<int> b{0, 0, 0}, group{0, 0, 1}, other{0, 1, 0};
  check("ddr5-6400-x4-16gb", {},
        {{"ACT", b, "RD", b, 46, "nRCD 46"},
         {"ACT", b, "PRE", b, 104, "nRAS 103 + 1"},
         {"ACT", b, "ACT", b, 149, "nRC 149"},
         {"RD", b, "RD", group, 16, "nCCDL 16"},
         {"WR", b, "WR", group, 64, "nCCDL_WR 64"},
         {"WR", b, "PRE", b, 149, "nCWL 44 + 8 + nWR 96 + 1"},
         {"RD", b, "PRE", b, 25, "nRTP 24 + 1"},
         {"WR", b, "RD", group, 84, "nCWL 44 + 8 + nWTRL 32"},
         {"ACT", b, "ACT", other, 8, "8 nCK, Micron core sheet"}});
  EXPECT_EQ(part("ddr5-6400-x4-16gb").standard.timing("tFAW"), 32);  // 10 ns, Micron core sheet
  EXPECT_EQ(part("ddr5-6400-x4-16gb").standard.timing("tREFI"), 12480);
}

// DDR5-4400 timings (Micron's core sheet through gem5) in DRAM clocks of 454 ps; a host clock is half of one.
TEST(GoldenEdges, McrPairAt8800) {
  const std::vector<int> b{0, 0, 0, 0}, group{0, 0, 0, 1}, other{0, 0, 1, 0}, pair{1, 0, 0, 0};
  check("ddr5-mcr-8800-x4-16gb", {},
        {{"ACT", b, "RD", b, 32, "14.545 ns"},
         {"RD", b, "RD", other, 8, "8 nCK: 64 bytes at the DRAM's rate"},
         {"RD", b, "RD", group, 11, "5 ns at 454 ps"},
         {"WR", b, "WR", group, 44, "20 ns"},
         {"RD", b, "RD", pair, 1, "two host clocks of the command bus; the data paths are two"},
         {"PRE", b, "PRE", pair, 0.5, "one host clock"},
         {"RD", b, "WR", pair, 12, "32 + 8 + 2 - 30: the host's wires have one direction"},
         {"WR", b, "RD", pair, 8, "30 + 8 + 2 - 32"},
         {"ACT", b, "RD", other, 2, "the rank's own command bus"}});
}

// JESD209-5 as Ramulator 2.1 (lpddr5.py) and gem5 (LPDDR5_6400_1x16_BG_BL16) quote it, in clocks of 8 bits: 937.5 ps at
// 8533 Mb/s. An ACT2 comes one clock after its ACT1. Fields: rank, bankgroup, bank.
TEST(GoldenEdges, Lpddr5xAt8533) {
  const std::vector<int> b{0, 0, 0}, group{0, 0, 1}, other{0, 1, 0}, pair{0, 2, 0}, rank{1, 0, 0};
  check("lpddr5x-8533-x16-16gb", {{"rank", 2}},
        {{"ACT1", b, "ACT2", b, 1, "one clock on the command bus"},
         {"ACT2", b, "RD", b, 20, "tRCD 18 ns = 19.2 clocks"},
         {"ACT2", b, "PRE", b, 45, "tRAS 42 ns = 44.8 clocks"},
         {"ACT1", b, "ACT1", b, 65, "tRC = tRAS 45 + tRPpb 20"},
         {"ACT1", b, "ACT1", other, 6, "tRRD 5 ns = 5.3 clocks"},
         {"PRE", b, "ACT1", b, 20, "tRPpb 18 ns = 19.2 clocks"},
         {"PREA", b, "ACT1", b, 23, "tRPab 21 ns = 22.4 clocks"},
         {"RD", b, "RD", group, 4, "BL/n_max 4"},
         {"RD", b, "RD", other, 2, "BL/n_min 2"},
         {"WR", b, "WR", group, 4, "BL/n_max 4"},
         {"WR", b, "RD", group, 29, "WL 12 + BL/n_max 4 + tWTR_L 12 ns = 12.8 clocks"},
         {"WR", b, "RD", other, 21, "WL 12 + BL/n_min 2 + tWTR_S 6.25 ns = 6.7 clocks"},
         {"RD", b, "WR", other, 15, "RL 23 + BL/n_min 2 + 2 - WL 12"},
         {"WR", b, "PRE", b, 51, "WL 12 + BL/n_min 2 + tWR 34 ns = 36.3 clocks"},
         {"RD", b, "RD", rank, 4, "BL/n_min 2 + nCS 2"},
         {"REFab", b, "ACT1", other, 299, "tRFCab 280 ns = 298.7 clocks"},
         {"REFpb", b, "ACT1", pair, 150, "tRFCpb 140 ns = 149.3 clocks: the pair's other bank"},
         {"REFpb", b, "ACT1", other, 8, "tpbR2act 7.5 ns"},
         {"REFpb", b, "REFpb", other, 96, "tpbR2pbR 90 ns"},
         {"PDX", b, "ACT1", b, 8, "tXP 7 ns = 7.5 clocks"},
         {"SRX", b, "ACT1", b, 307, "tXSR 280 + 7.5 ns = 306.7 clocks"}});
  const Standard s = part("lpddr5x-8533-x16-16gb").standard;
  EXPECT_EQ(s.timing("tREFI"), 4166);  // 3906 ns = 4166.2 clocks
  EXPECT_EQ(s.timing("tFAW"), 22);     // 20 ns = 21.3 clocks
  EXPECT_EQ(s.act_spacing, 1);
  EXPECT_EQ(s.act_within, 8);
  EXPECT_EQ(s.sync_hold[s.usual.rd], 23 + 4 + 1);
  EXPECT_EQ(s.sync_hold[s.usual.cas_wr], 12 + 4 + 1);
}

// At 7500 Mb/s a clock is 1066.7 ps.
TEST(GoldenEdges, Lpddr5xAt7500) {
  const std::vector<int> b{0, 1, 2}, other{0, 0, 2};
  check("lpddr5x-7500-x16-16gb", {},
        {{"ACT2", b, "RD", b, 17, "tRCD 18 ns = 16.9 clocks"},
         {"PRE", b, "ACT1", b, 17, "tRPpb 18 ns = 16.9 clocks"},
         {"WR", b, "RD", other, 19, "WL 11 + BL/n_min 2 + tWTR_S 6.25 ns = 5.9 clocks"},
         {"REFab", b, "ACT1", b, 263, "tRFCab 280 ns = 262.5 clocks"}});
}

// Power-down, self-refresh, RFM, mode registers and calibration of DDR5-4800 (2.4 clocks a ns; MRW is two clocks long).
TEST(GoldenEdges, Ddr5StatesAt4800) {
  const std::vector<int> b{0, 0, 0}, rank{1, 0, 0}, number{0, 3, 0};
  check("ddr5-4800-x8-16gb", {{"rank", 2}},
        {{"PDE", b, "PDX", b, 18, "tPD 7.5 ns"},
         {"PDX", b, "PRE", b, 18, "tXP 7.5 ns"},
         {"PDX", b, "ACT", b, 17, "tXP 7.5 ns - 1: ACT counts from its second clock"},
         {"PDX", b, "PRE", rank, 1, "another rank: the command bus only"},
         {"SRX", b, "PRE", b, 732, "tXS 305 ns"},
         {"SRX", b, "RD", b, 2047, "tXSDLL 2048 - 1"},
         {"RFMab", b, "REFab", b, 708, "as tRFC1 295 ns"},
         {"RFMsb", b, "REFsb", number, 312, "as tRFCsb 130 ns"},
         {"MRW", b, "PRE", b, 35, "tMRD 14 ns = 34 + 1"},
         {"ZQCALstart", b, "ZQCALlatch", b, 2397, "tZQCAL 1 us x 0.997 / 416 ps = 2396.6: JESD79-5 forgives 0.3 %"},
         {"ZQCALlatch", b, "PRE", b, 72, "tZQLAT 30 ns"}});
}

// HBM3 at 6.4 Gb/s, 1.6 clocks a ns: gem5's tXP of 4 ns and tXS of tRFC + 10 ns.
TEST(GoldenEdges, Hbm3StatesAt6400) {
  const std::vector<int> b{0, 0, 0, 0}, other{0, 0, 1, 0}, pc{1, 1, 0, 0};
  check("hbm3-6400-8h-16gb", {},
        {{"PDX", b, "PRE", pc, 7, "tXP 4 ns = 6.4 clocks, of the whole channel"},
         {"SRX", b, "PRE", pc, 576, "tXS 360 ns"},
         {"RFMpb", b, "REFpb", b, 320, "nRFMpb 320"},
         {"RFMab", b, "REFab", b, 560, "nRFMab 560"},
         {"RFMpb", b, "RFMpb", other, 13, "tRREFD 8 ns"}});
}

}  // namespace
}  // namespace wordline::dram
