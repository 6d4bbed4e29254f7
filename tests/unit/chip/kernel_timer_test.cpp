// Kernels against the closed form, and what must hold for any of them.
#include "wordline/chip/kernel_timer.h"

#include <random>

namespace wordline::chip {
namespace {

using namespace core;

// 1000 TFLOP/s of which 80 % are reached, no fp8, 3 us to launch, 700 W of which 100 W idle.
Chip round_chip() {
  Chip out;
  out.name = "round";
  out.engines[Dtype::bf16] = {teraflops(1000), 0.8};
  out.launch = microseconds(3);
  out.tdp = watts(700);
  out.idle = watts(100);
  return out;
}

// 3 TB/s on pure reads, 2 on half reads, 1 on pieces, times `factor`; 40 pJ a byte.
Streams round_streams(double factor = 1) {
  return [factor](const Memory&, double reads, Bytes piece, double) {
    const double gbps = piece.value() > 0 ? 1000 : reads < 1 ? 2000 : 3000;
    return Streamed{gigabytes_per_second(gbps * factor), JoulesPerByte(40e-12), nanoseconds(400)};
  };
}

Kernel kernel(double flops, double read, double written = 0, double paged = 0) {
  Movement out;
  out.matrix = Flops(flops);
  out.read = bytes(read);
  out.written = bytes(written);
  out.paged = bytes(paged);
  out.page = bytes(4096);
  return {"kernel", out};
}

constexpr double tick = 1e-12;

TEST(KernelTimer, TheLongerOfComputeAndMemoryAfterTheLaunch) {
  KernelTimer timer(round_chip(), round_streams());
  const auto compute = timer(kernel(8e9, 3e6));
  EXPECT_NEAR(compute.time.value(), 3e-6 + 10e-6, tick);
  EXPECT_EQ(compute.bound, Bound::tensor);
  const auto memory = timer(kernel(8e9, 60e6));
  EXPECT_NEAR(memory.time.value(), 3e-6 + 20e-6, tick);
  EXPECT_EQ(memory.bound, Bound::dram);
  EXPECT_EQ(timer(kernel(1e6, 1e3)).bound, Bound::launch);
}

TEST(KernelTimer, EachAccessPatternRunsAtItsOwnBandwidth) {
  KernelTimer timer(round_chip(), round_streams());
  // 2 MB written beside 2 MB read at 2 TB/s, the other 4 MB at 3 TB/s, 5 MB in pieces at 1 TB/s.
  EXPECT_NEAR(timer(kernel(0, 6e6, 2e6, 5e6)).dram.value(), 2e-6 + 4e6 / 3e12 + 5e-6, tick);
}

TEST(KernelTimer, EnergyIsIdlePlusOperationsPlusDram) {
  KernelTimer timer(round_chip(), round_streams());
  const auto cost = timer(kernel(8e9, 60e6));
  EXPECT_NEAR(cost.joules.value(), 100 * 23e-6 + 8e9 * 600 / 800e12 + 60e6 * 40e-12, 1e-9);
  // A long product in registers alone draws the TDP.
  const auto dense = timer(kernel(8e15, 0));
  EXPECT_NEAR(dense.joules.value() / dense.time.value(), 700, 0.01);
}

TEST(KernelTimer, MissingFp8IsComputedInBf16) {
  KernelTimer timer(round_chip(), round_streams());
  Movement work = std::get<Movement>(kernel(8e9, 0).work);
  work.dtype = Dtype::fp8;
  const Kernel k{"fp8", work};
  EXPECT_NEAR(timer(k).tensor.value(), 10e-6, tick);
  Chip with = round_chip();
  with.engines[Dtype::fp8] = {teraflops(2000), 0.8};
  EXPECT_NEAR(KernelTimer(with, round_streams())(k).tensor.value(), 5e-6, tick);
}

TEST(KernelTimer, EachPatternIsAskedForOnce) {
  int asked = 0;
  KernelTimer timer(round_chip(), [&](const Memory&, double, Bytes piece, double) {
    ++asked;
    EXPECT_TRUE(piece.value() == 0 || piece.value() == 4096);
    return Streamed{gigabytes_per_second(1000), JoulesPerByte(0), Seconds()};
  });
  Movement work = std::get<Movement>(kernel(0, 1e6, 0, 1e6).work);
  for (int i = 0; i < 3; ++i) {
    work.page = bytes(5000 + i);  // rounded down to 4096
    timer({"paged", work});
  }
  EXPECT_EQ(asked, 2);
}

TEST(KernelTimer, TimeNeverFallsNeverBeatsThePeaksAndBandwidthNeverHurts) {
  std::mt19937 random(3);
  KernelTimer timer(round_chip(), round_streams()), faster(round_chip(), round_streams(1.4));
  const auto draw = [&](double scale) { return scale * static_cast<double>(random() % 1000); };
  for (int i = 0; i < 2000; ++i) {
    const Kernel asked = kernel(draw(1e8), draw(1e5), draw(1e5), draw(1e4));
    const auto& k = std::get<Movement>(asked.work);
    const auto cost = timer(asked);
    EXPECT_LE(faster(asked).time, cost.time);
    EXPECT_GE(cost.time.value(), k.matrix.value() / 1000e12);
    EXPECT_GE(cost.time.value(), (k.read + k.written + k.paged).value() / 3e12);
    for (int part = 0; part < 4; ++part) {
      Movement more = k;
      (part == 0 ? more.read : part == 1 ? more.written : more.paged) += bytes(part < 3 ? 1e4 : 0);
      if (part == 3) more.matrix += Flops(1e8);
      const auto grown = timer({"more", more});
      EXPECT_GE(grown.time, cost.time);
      EXPECT_GE(grown.joules, cost.joules);
    }
  }
}

TEST(Ticks, SumsDoNotDependOnTheirOrder) {
  std::mt19937 random(5);
  std::vector<Seconds> times;
  for (int i = 0; i < 1000; ++i) times.push_back(whole_ticks(microseconds(static_cast<double>(random()) / 1e6)));
  Seconds forward, backward;
  for (std::size_t i = 0; i < times.size(); ++i) {
    forward += times[i];
    backward += times[times.size() - 1 - i];
  }
  EXPECT_EQ(forward, backward);
}

}  // namespace
}  // namespace wordline::chip
