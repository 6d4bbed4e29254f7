// Tiles of a processor by hand: nanoseconds are cycles.
#include "tiled_chips.h"
#include "wordline/core/error.h"

namespace wordline::chip {
namespace {

constexpr double ns = 1e-9, tick = 2e-12;

TEST(Cpu, ATileTakesSixteenCyclesHoweverFewRowsItHas) {
  KernelTimer timer(xeon_like(), flat_streams());
  // One tile of rows: its 16 lines of weights take longer from L2 than the multiplication, 16 / 0.75 cycles.
  EXPECT_NEAR(timer(gemm(1, 16, 32)).tensor.value(), 16 / 0.75 * ns, tick);
  EXPECT_EQ(timer(gemm(16, 16, 32)).tensor, timer(gemm(1, 16, 32)).tensor);
  // Two tiles of rows use them twice: the multiplications are the limit, at the peak.
  EXPECT_NEAR(timer(gemm(32, 16, 32)).tensor.value(), 2 * 16 * ns, tick);
  EXPECT_NEAR(timer(gemm(64, 64, 320)).tensor.value(), 2.0 * 64 * 64 * 320 / 1024 * ns, tick);
  EXPECT_NEAR(timer(gemm(65, 64, 320)).tensor.value(), 5 * 4 * 10 * 16 * ns, tick);
}

TEST(Cpu, TheClockUnderLoadCounts) {
  Chip chip = xeon_like();
  chip.cores.clock_under_load = core::Hertz(0.8e9);
  KernelTimer timer(chip, flat_streams());
  EXPECT_NEAR(timer(gemm(32, 16, 32)).tensor.value(), 2 * 16 * ns / 0.8, tick);
}

TEST(Cpu, WeightsStreamAsFastAsTheFillBuffersAllow) {
  Chip chip = xeon_like(4);
  const double weights = 4096.0 * 4096 * 2;
  // Four cores with 1344 bytes each for 100 ns: 53.76 GB/s of the memory's 1000.
  const auto starved = KernelTimer(chip, flat_streams())(gemm(1, 4096, 4096));
  EXPECT_NEAR(starved.dram.value(), weights / (4 * 1344 / 100e-9), 1e-9);
  EXPECT_EQ(starved.body, Bound::in_flight);
  chip.load.in_flight = core::bytes(1e6);
  const auto fed = KernelTimer(chip, flat_streams())(gemm(1, 4096, 4096));
  EXPECT_NEAR(fed.dram.value(), weights / 1e12, 1e-9);
}

TEST(Cpu, WeightsInAFormatThatIsNotMultipliedAreWidened) {
  Chip chip = xeon_like(4);
  chip.vector = core::FlopsPerSecond(4 * 64e9);
  KernelTimer timer(chip, flat_streams());
  Gemm g{.m = 1, .n = 4096, .k = 4096};
  const double plain = timer({"gemm", g}).vector.value();
  g.weights = Dtype::fp8;
  EXPECT_NEAR(timer({"gemm", g}).vector.value() - plain, 8 * 4096.0 * 4096 / 256e9, 1e-9);
}

TEST(Cpu, ALaunchIsPaidByEachGroupedProduct) {
  KernelTimer timer(xeon_like(), flat_streams());
  Experts w{.tokens = 1, .hidden = 64, .width = 32, .experts = 1, .top_k = 1};
  const auto cost = timer({"experts", w});
  // 64 x 64 and 64 x 32 of weights: 16 and 8 tiles of one row, the gate is free here.
  EXPECT_NEAR(cost.tensor.value(), (4 * 2 + 4 * 1) * 16 / 0.75 * ns, tick);
  EXPECT_GT(cost.time.value(), 2e-6 + cost.tensor.value());
}

TEST(Cpu, AChipWithoutTilesIsRefused) {
  Chip chip = xeon_like();
  chip.cores.array_columns = 0;
  EXPECT_THAT([&] { KernelTimer timer(chip, flat_streams()); },
              testing::ThrowsMessage<core::InputError>(testing::HasSubstr("array_columns")));
}

}  // namespace
}  // namespace wordline::chip
