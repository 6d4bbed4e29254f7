#include "wordline/chip/roofline.h"

#include "wordline/chip/kernels.h"

namespace wordline::chip {
namespace {

Chip chip() {
  Chip out;
  out.engines[Dtype::bf16].peak = core::teraflops(100);
  out.engines[Dtype::fp8].peak = core::teraflops(200);
  out.vector = core::teraflops(10);
  out.memory.peak = core::gigabytes_per_second(1250);
  out.cache = {core::bytes(50e6), core::gigabytes_per_second(5000)};
  return out;
}

Roofline roof(std::optional<Dtype> only = {}) {
  MemoryPath path(chip(), [](const Memory&, double reads, core::Bytes, double) {
    return Streamed{core::gigabytes_per_second(reads < 1 ? 800 : 1000), {}, core::nanoseconds(400)};
  });
  return roofline_of(chip(), path, only);
}

std::vector<std::string> names(const std::vector<Ceiling>& ceilings) {
  std::vector<std::string> out;
  for (const auto& ceiling : ceilings) out.push_back(ceiling.name);
  return out;
}

TEST(Roofline, EveryEngineAndMemoryIsACeiling) {
  const auto all = roof();
  EXPECT_THAT(names(all.compute), testing::ElementsAre("bf16", "fp8", "vector fp32"));
  EXPECT_THAT(names(all.memory), testing::ElementsAre("DRAM as simulated", "DRAM peak", "L2"));
  EXPECT_EQ(all.memory[0].bandwidth.value(), 1e12);  // of reads alone
  EXPECT_THAT(names(roof(Dtype::fp8_block).compute), testing::ElementsAre("fp8", "vector fp32"));
  EXPECT_THAT(names(roof(Dtype::int8).compute), testing::ElementsAre("bf16", "vector fp32"));  // widened
}

TEST(Roofline, TheRidgeIsWhereBothAreEqual) {
  const auto all = roof();
  EXPECT_EQ(all.at(50, core::teraflops(100)).value(), 50e12);
  EXPECT_EQ(all.at(100, core::teraflops(100)).value(), 100e12);
  EXPECT_EQ(all.at(1000, core::teraflops(100)).value(), 100e12);
}

TEST(Roofline, AKernelStandsUnderTheEngineThatCarriesItOut) {
  const auto gemm = roofline_point(chip(), {"gemm", Gemm{.m = 1, .n = 1000, .k = 1000}});
  EXPECT_EQ(gemm.flops.value(), 2e6);
  EXPECT_EQ(gemm.bytes.value(), 2 * (1e6 + 1000 + 1000));
  EXPECT_EQ(gemm.roof.value(), 100e12);
  const auto norm = roofline_point(chip(), rms_norm("norm", 10, 100, false));
  EXPECT_EQ(norm.roof.value(), 10e12);
  EXPECT_EQ(norm.flops_per_byte(), 1);  // 4 operations on what is read and written in 2 bytes each
  EXPECT_EQ(roofline_point(chip(), copy("copy", core::bytes(100))).flops_per_byte(), 0);
}

}  // namespace
}  // namespace wordline::chip
