// Golden edges of DDR4: the clocks of Ramulator 2.1's presets and of DRAMsim3's files, the nanoseconds of Micron's data
// sheet.
#include "golden_edges.h"

namespace wordline::dram {
namespace {

using testing::check;
using testing::command;
using testing::part;

// Fields: rank, bankgroup, bank.
const std::vector<int> b{0, 0, 0}, group{0, 0, 1}, other{0, 1, 0}, rank{1, 0, 0};

// Ramulator 2.1 c5b1c3a, DDR4_3200AA with DDR4_8Gb_x8, and DRAMsim3 DDR4_8Gb_x8_3200.ini; tRFC1 of 8 Gb 350 ns.
TEST(GoldenEdgesDdr4, At3200) {
  check("ddr4-3200-x8-8gb", {{"rank", 2}},
        {{"ACT", b, "RD", b, 22, "nRCD 22"},
         {"ACT", b, "WR", b, 22, "nRCD 22"},
         {"ACT", b, "PRE", b, 52, "nRAS 52"},
         {"ACT", b, "PREA", group, 52, "nRAS 52"},
         {"PRE", b, "ACT", b, 22, "nRP 22"},
         {"PREA", b, "ACT", other, 22, "nRP 22"},
         {"ACT", b, "ACT", b, 74, "nRC 74"},
         {"ACT", b, "REFab", b, 74, "nRC 74"},
         {"ACT", b, "ACT", group, 8, "nRRDL 8"},
         {"ACT", b, "ACT", other, 4, "nRRDS 4"},
         {"RD", b, "RD", group, 8, "nCCDL 8"},
         {"RD", b, "RD", other, 4, "nCCDS 4"},
         {"WR", b, "WR", group, 8, "nCCDL 8"},
         {"WR", b, "WR", other, 4, "nCCDS 4"},
         {"RD", b, "WR", b, 12, "nCL 22 + nBL 4 + 2 - nCWL 16"},
         {"WR", b, "RD", group, 32, "nCWL 16 + nBL 4 + nWTRL 12"},
         {"WR", b, "RD", other, 24, "nCWL 16 + nBL 4 + nWTRS 4"},
         {"RD", b, "PRE", b, 12, "nRTP 12"},
         {"WR", b, "PRE", b, 44, "nCWL 16 + nBL 4 + nWR 24"},
         {"RDA", b, "ACT", b, 34, "nRTP 12 + nRP 22"},
         {"RDA", b, "REFab", b, 34, "nRTP 12 + nRP 22"},
         {"WRA", b, "ACT", b, 66, "nCWL 16 + nBL 4 + nWR 24 + nRP 22"},
         {"PREA", b, "REFab", b, 22, "nRP 22"},
         {"PRE", b, "PRE", group, 1, "one clock of the command bus"},
         {"REFab", b, "ACT", b, 560, "350 ns"},
         {"REFab", b, "REFab", b, 560, "350 ns"},
         {"REFab", b, "ACT", rank, 1, "the command bus alone"},
         {"ACT", b, "ACT", rank, 1, "the command bus alone"},
         {"RD", b, "RD", rank, 6, "nBL 4 + nCS 2"},
         {"WR", b, "WR", rank, 6, "nBL 4 + nCS 2"},
         {"WR", b, "RD", rank, 1, "nCWL 16 + nBL 4 + nCS 2 - nCL 22 = 0; the command bus"},
         {"RD", b, "WR", rank, 12, "nCL 22 + nBL 4 + nCS 2 - nCWL 16"}});
  const Standard s = part("ddr4-3200-x8-8gb").standard;
  EXPECT_EQ(s.timing("tFAW"), 34);
  EXPECT_EQ(s.timing("tREFI"), 12480);
  EXPECT_EQ(s.refreshes.at(0).latest, 9 * 12480);
  EXPECT_EQ(s.refreshes.at(0).earliest, 9 * 12480);
}

// DRAMsim3 DDR4_8Gb_x8_3200.ini: tCKE 8, tXP 10, tCKESR 9, tXS 576; DRAMSys: ACTPDEN, PRPDEN, REFPDEN 2; JESD79-4 as
// commonly quoted: tMRD 8, tMOD 24, tDLLK 1024, tZQoper 512, tZQCS 128, RL + 4 + 1, WL + 4 + WR (+ 1).
TEST(GoldenEdgesDdr4, PowerDownSelfRefreshAndModeRegistersAt3200) {
  check("ddr4-3200-x8-8gb", {{"rank", 2}},
        {{"PDE", b, "PDX", b, 8, "tCKE 8"},
         {"PDX", b, "ACT", b, 10, "tXP 10"},
         {"ACT", b, "PDE", b, 2, "tACTPDEN 2"},
         {"PRE", b, "PDE", b, 2, "tPRPDEN 2"},
         {"REFab", b, "PDE", b, 2, "tREFPDEN 2"},
         {"RD", b, "PDE", b, 27, "22 + 4 + 1"},
         {"WR", b, "PDE", b, 44, "16 + 4 + 24"},
         {"WRA", b, "PDE", b, 45, "16 + 4 + 24 + 1"},
         {"SRE", b, "SRX", b, 9, "tCKESR 9"},
         {"SRX", b, "ACT", b, 576, "tXS 576"},
         {"SRX", b, "RD", b, 1024, "tXSDLL 1024"},
         {"PREA", b, "SRE", b, 22, "nRP 22"},
         {"MRS", b, "MRS", b, 8, "tMRD 8"},
         {"MRS", b, "ACT", b, 24, "tMOD 24"},
         {"ZQCL", b, "ACT", b, 512, "tZQoper 512"},
         {"ZQCS", b, "ACT", b, 128, "tZQCS 128"}});
}

// DRAMsim3 DDR4_8Gb_x8_2400.ini (17-17-17, RAS 39, RFC 420, FAW 26) and gem5's nanoseconds of Micron's MT40A1G8-083.
TEST(GoldenEdgesDdr4, At2400) {
  check("ddr4-2400-x8-8gb", {},
        {{"ACT", b, "RD", b, 17, "14.16 ns"},
         {"PRE", b, "ACT", b, 17, "14.16 ns"},
         {"ACT", b, "PRE", b, 39, "32 ns = 38.4"},
         {"ACT", b, "ACT", b, 56, "39 + 17"},
         {"ACT", b, "ACT", group, 6, "4.9 ns = 5.88"},
         {"ACT", b, "ACT", other, 4, "3.3 ns = 3.96"},
         {"RD", b, "RD", group, 6, "5 ns"},
         {"RD", b, "WR", b, 11, "17 + 4 + 2 - 12"},
         {"WR", b, "RD", group, 25, "12 + 4 + 7.5 ns"},
         {"WR", b, "RD", other, 19, "12 + 4 + 2.5 ns"},
         {"RD", b, "PRE", b, 9, "7.5 ns"},
         {"WR", b, "PRE", b, 34, "12 + 4 + 15 ns"},
         {"REFab", b, "ACT", b, 420, "350 ns"}});
  EXPECT_EQ(part("ddr4-2400-x8-8gb").standard.timing("tFAW"), 26);  // 21 ns = 25.2
  EXPECT_EQ(part("ddr4-2400-x8-8gb").standard.timing("tREFI"), 9360);
}

// tFAW of a 1/2 KB page: 16 clocks, four tRRD_S; the fifth ACT alone shows it in x8.
TEST(GoldenEdgesDdr4, FourActivationsInAWindowOfThePageSize) {
  const auto rules_broken = [](const Standard& s, Tick fifth) {
    std::vector<Command> trace;
    for (int n = 0; n < 4; ++n) trace.push_back(command(s, 1000 + 4 * n, "ACT", {0, n, 0}));
    trace.push_back(command(s, 1000 + fifth, "ACT", {0, 0, 1}));
    return audit(s, trace, 0, false).size();
  };
  const Standard x8 = part("ddr4-3200-x8-8gb").standard, x4 = part("ddr4-3200-x4-8gb").standard;
  EXPECT_EQ(rules_broken(x8, 34), 0u);
  EXPECT_EQ(rules_broken(x8, 33), 1u);
  EXPECT_EQ(rules_broken(x4, 16), 0u);
  EXPECT_EQ(x4.timing("tFAW"), 16);
}

// The bound of random reads that three simulators approach: four 64-byte accesses a tFAW, less the time of refreshes.
TEST(GoldenEdgesDdr4, RandomBoundOfOneChannelIs11Point5Gigabytes) {
  const Part p = part("ddr4-3200-x8-8gb");
  const auto clocks = [&](const char* name) { return static_cast<double>(p.standard.timing(name)); };
  const double bound =
      4 * 64 / (clocks("tFAW") * p.clock.period().value()) * (1 - clocks("tRFCab") / clocks("tREFI")) / 1e9;
  EXPECT_NEAR(bound, 11.5, 0.05);
  EXPECT_NEAR(p.channel_peak.value() / 1e9, 25.6, 1e-9);
}

}  // namespace
}  // namespace wordline::dram
