#include <gtest/gtest.h>

#include "test_parts.h"
#include "wordline/core/error.h"

namespace wordline::dram {
namespace {

using testing::catalog;
using testing::part;

TEST(Part, EveryShippedPartLoads) {
  const auto names = catalog().names("dram/parts");
  ASSERT_GE(names.size(), 12u);
  for (const auto& name : names) {
    const Part p = part(name);
    EXPECT_GT(p.power.activate.value(), 0) << name;
    EXPECT_GT(p.power.read.value(), 0) << name;
    EXPECT_GT(p.power.write.value(), 0) << name;
    EXPECT_GT(p.power.idle.value(), 0) << name;
    EXPECT_NE(p.standard.usual.act, no_command) << name;
    EXPECT_NE(p.standard.usual.pre_all, no_command) << name;
    EXPECT_NE(p.standard.usual.wra, no_command) << name;
    EXPECT_NE(p.standard.usual.ref_all, no_command) << name;
    if (p.standard.name != "ddr4") {
      EXPECT_NE(p.standard.usual.ref_bank, no_command) << name;  // DDR4 has all-bank refresh only
    }
  }
}

TEST(Part, PublishedCapacityAndBandwidthOfProducts) {
  const auto stack_gib = [](const Part& p) {
    return p.channel_bytes.value() * p.standard.geometry.channels / (1 << 30);
  };
  const auto stack_gbps = [](const Part& p) { return p.channel_peak.value() * p.standard.geometry.channels / 1e9; };
  EXPECT_DOUBLE_EQ(stack_gib(part("hbm3-5200-8h-16gb")), 16);
  EXPECT_NEAR(5 * stack_gbps(part("hbm3-5200-8h-16gb")), 3350, 1e-6);  // H100 SXM
  EXPECT_DOUBLE_EQ(stack_gib(part("hbm3-5700-8h-24gb")), 24);
  EXPECT_NEAR(4 * stack_gbps(part("hbm3-5700-8h-24gb")), 2900, 1e-6);  // Trainium2
  EXPECT_DOUBLE_EQ(stack_gib(part("hbm3e-6250-8h-24gb")), 24);
  EXPECT_NEAR(6 * stack_gbps(part("hbm3e-6250-8h-24gb")), 4800, 1e-6);  // H200 SXM
  EXPECT_DOUBLE_EQ(stack_gib(part("hbm3e-9200-12h-36gb")), 36);
  EXPECT_NEAR(stack_gbps(part("hbm3e-9200-12h-36gb")), 1177.6, 1e-6);  // "1.18 TB/s"
  EXPECT_DOUBLE_EQ(stack_gib(part("hbm2e-3200-8h-16gb")), 16);
  EXPECT_NEAR(2 * stack_gbps(part("hbm2e-3200-8h-16gb")), 819.2, 1e-6);   // Inferentia2: "820 GB/s"
  EXPECT_NEAR(8 * stack_gbps(part("hbm2e-3600-8h-16gb")), 3686.4, 1e-6);  // Gaudi 3: "3.7 TB/s"
  EXPECT_DOUBLE_EQ(stack_gib(part("hbm3-6400-4h-8gb")), 8);
  EXPECT_DOUBLE_EQ(stack_gib(part("ddr5-4800-x8-16gb")), 16);                 // one rank: 16 GB DIMM
  EXPECT_DOUBLE_EQ(stack_gib(part("ddr5-4800-x4-16gb", {{"rank", 2}})), 64);  // two ranks of x4: 64 GB DIMM
  EXPECT_NEAR(stack_gbps(part("ddr5-4800-x4-16gb", {{"rank", 2}})), 38.4, 1e-9);
  EXPECT_DOUBLE_EQ(stack_gib(part("ddr5-mcr-8800-x4-16gb")), 64);
  EXPECT_NEAR(stack_gbps(part("ddr5-mcr-8800-x4-16gb")), 70.4, 1e-9);
}

TEST(Part, TicksAreExactFractions) {
  EXPECT_EQ(part("ddr5-6400-x8-16gb").clock, core::Clock(625, 2));        // 312.5 ps
  EXPECT_EQ(part("hbm3-6400-8h-16gb").clock, core::Clock(625, 2));        // half of 625 ps
  EXPECT_EQ(part("hbm3e-9200-12h-36gb").clock, core::Clock(5000, 23));    // half of 10000/23 ps
  EXPECT_EQ(part("ddr5-mcr-8800-x4-16gb").clock, core::Clock(2500, 11));  // the host's clock, 4.4 GHz
}

TEST(Part, GeometryNeedNotBeAPowerOfTwo) {
  const Geometry g = part("hbm3e-9200-12h-36gb").standard.geometry;
  EXPECT_EQ(g.banks(), 2 * 3 * 16);
  EXPECT_EQ(g.rows, 24576);
  EXPECT_EQ(g.columns * g.burst_bytes, 1024);
  for (int bank = 0; bank < g.banks(); ++bank) {
    std::vector<int> fields;
    for (int level = 0; level < g.depth(); ++level) fields.push_back(g.field(level, bank));
    EXPECT_EQ(g.bank_of(fields), bank);
  }
}

TEST(Part, RanksBelongToTheModule) {
  EXPECT_EQ(part("ddr5-4800-x8-16gb", {{"rank", 2}}).standard.geometry.banks(), 64);
  EXPECT_THROW(part("ddr5-4800-x8-16gb", {{"sid", 2}}), core::InputError);
  EXPECT_THROW(part("ddr5-4800-x9"), core::InputError);
}

}  // namespace
}  // namespace wordline::dram
