// Capacity and bandwidth of the catalogue's parts against what their makers or the machines that carry them state.
#include <gtest/gtest.h>

#include "test_parts.h"

namespace wordline::dram {
namespace {

using testing::part;

double gib(const Part& p) { return p.channel_bytes.value() * p.standard.geometry.channels / (1 << 30); }
double gbps(const Part& p) { return p.channel_peak.value() * p.standard.geometry.channels / 1e9; }

struct Product {
  const char* part;
  int ranks;  // 0 where the module has none of its own
  double gib;
  int count;  // parts of the machine whose bandwidth is stated
  double gbps;
};

TEST(Product, CapacityAndBandwidthAreTheStatedOnes) {
  for (const Product& product : std::vector<Product>{
           {"ddr4-3200-x8-8gb", 1, 8, 1, 25.6},
           {"ddr4-2400-x8-8gb", 1, 8, 1, 19.2},
           {"ddr4-3200-x4-8gb", 2, 32, 1, 25.6},
           {"hbm2-2000-8h-8gb", 0, 8, 4, 1024},         // A64FX
           {"hbm2-1800-4h-4gb", 0, 4, 2, 460.8},        // Alveo U280
           {"hbm2e-3186-8h-16gb", 0, 16, 4, 1631.232},  // H100 with 64 GB
           {"hbm2e-3186-8h-16gb", 0, 16, 5, 2039.04},   // H100 PCIe
           {"hbm2-2430-8h-8gb", 0, 8, 5, 1555.2},       // A100 with 40 GB
           {"ddr4-3200-x16-8gb", 1, 4, 2, 51.2},        // Inferentia1
           {"hbm3-5200-12h-24gb", 0, 24, 8, 5324.8},    // MI300X, "5.3 TB/s"
           {"hbm3-6400-12h-24gb", 0, 24, 1, 819.2},
           {"hbm3e-7500-8h-24gb", 0, 24, 8, 7700.48},  // HGX B200, "7.7 TB/s"
           {"hbm3e-8000-8h-24gb", 0, 24, 8, 8192},     // B200 by its data sheet, "8 TB/s"
           {"hbm3e-9600-12h-36gb", 0, 36, 1, 1228.8},  // four: 35 times the 140 GB of a 70B model a second
           {"hbm3e-9800-16h-48gb", 0, 48, 1, 1254.4},
           {"hbm4-8000-12h-36gb", 0, 36, 1, 2048},
           {"hbm4-8000-16h-64gb", 0, 64, 1, 2048},
           {"gddr6-14-8gb", 0, 1, 8, 448},         // a 256-bit card
           {"gddr6-16-16gb", 0, 2, 8, 512},        // a 256-bit card
           {"gddr6x-21-16gb", 0, 2, 12, 1008},     // RTX 4090
           {"gddr6x-19-8gb", 0, 1, 10, 760},       // RTX 3080
           {"gddr7-28-16gb", 0, 2, 16, 1792},      // RTX 5090
           {"gddr7-28-24gb", 0, 3, 16, 1792},      // RTX PRO 6000, a chip on each 32 bits
           {"gddr7-28-24gb-2ch", 0, 3, 32, 1792},  // RTX PRO 6000: 96 GB
           {"gddr7-25-24gb-2ch", 0, 3, 32, 1597},  // the same card for servers
           {"ddr5-5600-x8-16gb", 1, 16, 8, 358.4},
           {"ddr5-5600-x4-24gb", 1, 48, 1, 44.8},
           {"ddr5-6400-x4-24gb", 2, 96, 12, 614.4},
           {"ddr5-mcr-8800-x4-16gb-locked", 1, 64, 12, 844.8},  // Xeon 6980P
           {"ddr5-mcr-12800-x4-16gb", 1, 64, 1, 102.4},
           {"ddr5-mcr-12800-x4-16gb-locked", 1, 64, 1, 102.4},
       }) {
    const Part p = part(product.part, product.ranks ? LevelSizes{{"rank", product.ranks}} : LevelSizes{});
    EXPECT_DOUBLE_EQ(gib(p), product.gib) << product.part;
    EXPECT_NEAR(product.count * gbps(p), product.gbps, 1e-6) << product.part;
  }
}

TEST(Product, GeometryIsOddWhereTheDiesAre) {
  const auto geometry = [](const char* name) { return part(name).standard.geometry; };
  EXPECT_EQ(geometry("hbm3e-8000-8h-24gb").rows, 24576);  // 24 Gb dies: 3/4 of 32768
  EXPECT_EQ(geometry("hbm3e-9600-12h-36gb").ranks(), 2 * 3);
  EXPECT_EQ(geometry("hbm3e-9800-16h-48gb").ranks(), 2 * 4);
  EXPECT_EQ(geometry("hbm4-8000-12h-36gb").rows, 12288);
  EXPECT_EQ(geometry("ddr5-5600-x4-24gb").rows, 98304);
  EXPECT_EQ(geometry("gddr7-28-24gb").rows, 24576);
  EXPECT_EQ(geometry("hbm2-1800-4h-4gb").rows, 1 << 14);    // RA[13:0]
  EXPECT_EQ(geometry("hbm2-1800-4h-4gb").columns, 1 << 5);  // CA[5:1]
  EXPECT_EQ(geometry("ddr5-mcr-8800-x4-16gb-locked").burst_bytes, 128);
}

// tRFCab by what a channel holds: JESD235D Table 68, JESD238 Table 84.
TEST(Product, RefreshTakesLongerInDenserChannels) {
  const auto nanoseconds = [](const char* name) {
    const Part p = part(name);
    return static_cast<double>(p.standard.timing("tRFCab")) * p.clock.period().value() * 1e9;
  };
  EXPECT_NEAR(nanoseconds("hbm2-1800-4h-4gb"), 260, 1.2);
  EXPECT_NEAR(nanoseconds("hbm2-2000-8h-8gb"), 350, 1e-6);
  EXPECT_NEAR(nanoseconds("hbm3-6400-12h-24gb"), 450, 1e-6);
  EXPECT_NEAR(nanoseconds("hbm3e-8000-8h-24gb"), 450, 1e-6);
  EXPECT_NEAR(nanoseconds("hbm3e-9800-16h-48gb"), 550, 0.5);
}

}  // namespace
}  // namespace wordline::dram
