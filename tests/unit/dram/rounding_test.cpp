#include "wordline/dram/rounding.h"

#include <gtest/gtest.h>

namespace wordline::dram {
namespace {

constexpr std::int64_t ps = 1000, ns = 1'000'000;  // in femtoseconds

// JESD79-5's algorithm as JESD400-5 (SPD) states it in whole numbers: trunc((ps * 997 / tCK + 1000) / 1000).
TEST(Rounding, Ddr5ForgivesThreeTenthsOfAPercent) {
  const core::Clock ddr5_4800(1250, 3), ddr5_5600(2500, 7), ddr5_6400(625, 2);
  EXPECT_EQ(clocks_up(16640 * ps, ddr5_4800, Rounding::jedec_ddr5), 40);  // SPD tAA 16.640 ns at 416 ps is CL 40
  EXPECT_EQ(clocks_up(32 * ns, ddr5_4800, Rounding::jedec_ddr5), 77);     // 76.92 clocks of 416 ps, less 0.3 %
  EXPECT_EQ(clocks_up(30 * ns, ddr5_4800, Rounding::jedec_ddr5), 72);
  EXPECT_EQ(clocks_up(13333 * ps, ddr5_4800, Rounding::jedec_ddr5), 32);  // tFAW 13.333 ns is 32 nCK
  EXPECT_EQ(clocks_up(5 * ns, ddr5_4800, Rounding::jedec_ddr5), 12);
  EXPECT_EQ(clocks_up(16428 * ps, ddr5_5600, Rounding::jedec_ddr5), 46);  // 5600: 46-46-46
  EXPECT_EQ(clocks_up(14375 * ps, ddr5_6400, Rounding::jedec_ddr5), 46);  // 6400AN: 46-46-46
  EXPECT_EQ(clocks_up(10 * ns, ddr5_6400, Rounding::jedec_ddr5), 32);     // tCK 312 ps, not 312.5
}

// 31,294 ps * 997 are just over 100 clocks of 312 ps; of the true 312.5 ps they would be 99.84.
TEST(Rounding, Ddr5TruncatesTheClockToPicoseconds) {
  const core::Clock ddr5_6400(625, 2);
  EXPECT_EQ(clocks_up(31294 * ps, ddr5_6400, Rounding::jedec_ddr5), 101);
  EXPECT_EQ(clocks_up(31293 * ps, ddr5_6400, Rounding::jedec_ddr5), 100);
}

TEST(Rounding, CeilingIsExactOnFractions) {
  const core::Clock hbm3e_9200(10000, 23);                               // 434.7826... ps
  EXPECT_EQ(clocks_up(10 * ns, hbm3e_9200, Rounding::ceiling), 23);      // exactly
  EXPECT_EQ(clocks_up(10 * ns + 1, hbm3e_9200, Rounding::ceiling), 24);  // one femtosecond more
  EXPECT_EQ(clocks_down(3900 * ns, hbm3e_9200), 8970);
  EXPECT_EQ(clocks_down(3900 * ns - 1, hbm3e_9200), 8969);
}

}  // namespace
}  // namespace wordline::dram
