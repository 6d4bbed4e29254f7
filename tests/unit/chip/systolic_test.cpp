// Systolic arrays by hand: nanoseconds are cycles.
#include "tiled_chips.h"
#include "wordline/core/error.h"

namespace wordline::chip {
namespace {

constexpr double ns = 1e-9, tick = 2e-12, launch = 1000;

TEST(OperandStationary, OneTokenPaysTheShortestInstructionForEachBlockOfWeights) {
  KernelTimer timer(neuron_like(), flat_streams());
  // Weights still: 64 cycles rather than the 128 that they would take to move past the one column of activations.
  const auto one = timer(gemm(1, 128, 128));
  EXPECT_NEAR(one.tensor.value(), 64 * ns, tick);
  EXPECT_NEAR(one.time.value(), (launch + 256 + 64) * ns, tick);
  EXPECT_NEAR(timer(gemm(1, 256, 1024)).tensor.value(), 2 * 8 * 64 * ns, tick);
  // 64 tokens cost no more than one.
  EXPECT_EQ(timer(gemm(64, 256, 1024)).tensor, timer(gemm(1, 256, 1024)).tensor);
}

TEST(OperandStationary, WholeBlocksRunAtThePeakAndARestPaysItsInstruction) {
  const Chip chip = neuron_like();
  KernelTimer timer(chip, flat_streams());
  const double flops = 2.0 * 512 * 1024 * 1024;
  EXPECT_NEAR(timer(gemm(512, 1024, 1024)).tensor.value(), flops / chip.rate(Dtype::bf16).peak.value(), tick);
  // One row more: 64 cycles more for each of 8 x 8 blocks of weights, less than a ninth block of activations.
  EXPECT_NEAR(timer(gemm(513, 1024, 1024)).tensor.value(), 64 * (512 + 64) * ns, tick);
  // With few columns of weights the activations lie still: 5 x 8 blocks, 128 columns past each, against 8 x 576.
  EXPECT_NEAR(timer(gemm(513, 128, 1024)).tensor.value(), 8 * (512 + 64) * ns, tick);
  EXPECT_NEAR(timer(gemm(130, 640, 128)).tensor.value(), 5 * 130 * ns, tick);
}

TEST(OperandStationary, Fp32TakesFourTimesAsLong) {
  KernelTimer timer(neuron_like(), flat_streams());
  Gemm g{.m = 512, .n = 128, .k = 128};
  g.weights = g.operands = Dtype::fp32;
  EXPECT_NEAR(timer({"gemm", g}).tensor.value(), 4 * 512 * ns, tick);
}

TEST(OperandStationary, CoresTakeSlicesAndTheDmaQueuesLimitThem) {
  Chip chip = neuron_like(2);
  KernelTimer free_running(chip, flat_streams());
  // 64 MiB of weights at 1 TB/s; half of the column blocks on each core.
  EXPECT_NEAR(free_running(gemm(1, 8192, 4096)).tensor.value(), 32 * 32 * 64 * ns, tick);
  EXPECT_NEAR(free_running(gemm(1, 8192, 4096)).dram.value(), 8192.0 * 4096 * 2 / 1e12, 1e-9);
  chip.load.bandwidth = core::gigabytes_per_second(272);
  KernelTimer limited(chip, flat_streams());
  const auto cost = limited(gemm(1, 8192, 4096));
  // 32 MiB a core, 8 kB of activations and results beside, in three rounds of 16 transfers of 768 KiB: two start-ups.
  EXPECT_NEAR(cost.dram.value(), (4096.0 * 4096 * 2 + 4096 * 2 + 4096 * 2) / 272e9 + 2e-6, 1e-9);
  EXPECT_EQ(cost.body, Bound::in_flight);
}

TEST(OperandStationary, DecodeReadsTheCacheOnceAndSmallPiecesAreRoundedUp) {
  Chip chip = neuron_like(2);
  chip.load.bandwidth = core::gigabytes_per_second(100);
  KernelTimer timer(chip, flat_streams());
  DecodeAttention w{.sequences = 2, .context = 2 * 4096, .heads = 8, .kv_heads = 1, .head_dim = 128, .value_dim = 128};
  const auto cost = timer({"decode", w});
  const double cache = 2.0 * 4096 * 256 * 2;
  EXPECT_NEAR(cost.moved.value(), cache, 1);
  // A sequence a core; 32 blocks of 128 keys, 64 cycles each, twice.
  EXPECT_NEAR(cost.tensor.value(), 2 * 32 * 64 * ns, tick);
  EXPECT_NEAR(cost.dram.value(), cache / 2 / 100e9, 1e-9);
  // One token a page: 256 bytes where the queues move 512, a transfer for each 128 of them; 16 transfers a round, the
  // first of eight is the launch's.
  w.page_tokens = 1;
  const double pages = cache / 2 / 256;
  EXPECT_NEAR(timer({"decode", w}).dram.value(), pages * 512 / 100e9 + (pages * 512 / (16 * 128 * 256) - 1) * 1e-6,
              1e-9);
}

TEST(OperandStationary, TheSoftmaxOfADecodeStepRunsInTheLanesOfItsQueries) {
  Chip chip = neuron_like();
  const DecodeAttention w{
      .sequences = 1, .context = 4096, .heads = 2, .kv_heads = 2, .head_dim = 128, .value_dim = 128};
  const auto free_of_charge = KernelTimer(chip, flat_streams())({"decode", w});
  chip.vector = core::FlopsPerSecond(2 * 128e9);
  chip.exponentials = core::FlopsPerSecond(128e9);
  const auto cost = KernelTimer(chip, flat_streams())({"decode", w});
  // Two of 128 lanes, three passes at half of two operations a nanosecond and one at one.
  EXPECT_NEAR(cost.vector.value(), 4 * 4096 * ns, tick);
  EXPECT_NEAR(cost.time.value() - free_of_charge.time.value(), cost.vector.value(), tick);
}

TEST(OperandStationary, PrefillPaysForTurningTheProbabilities) {
  KernelTimer timer(neuron_like(), flat_streams());
  PrefillAttention w{
      .sequences = 1, .tokens = 128, .context = 128 * 31, .heads = 1, .kv_heads = 1, .head_dim = 128, .value_dim = 128};
  w.pairs = 128.0 * 128 * 31 + 128.0 * 129 / 2;
  // 4096 keys past the queries, past the identity, and 32 blocks of values.
  EXPECT_NEAR(timer({"prefill", w}).tensor.value(), 3 * 4096 * ns, tick);
}

TEST(ResultStationary, ABlockTakesKCyclesInTheShapeThatWastesLeast) {
  KernelTimer timer(gaudi_like(), flat_streams());
  const auto square = timer(gemm(256, 256, 4096));
  EXPECT_NEAR(square.tensor.value(), 4096 * ns, tick);
  // Latency of the memory, 512 cycles to fill and drain.
  EXPECT_NEAR(square.time.value(), (launch + 100 + 512 + 4096) * ns, 1e-9);
  // One token: 128 x 512, so 512 columns at once.
  EXPECT_NEAR(timer(gemm(1, 1024, 4096)).tensor.value(), 2 * 4096 * ns, tick);
  EXPECT_NEAR(timer(gemm(512, 128, 4096)).tensor.value(), 4096 * ns, tick);
  // 257 rows: 512 x 128 twice rather than 256 x 256 twice, the same; 129 columns more cost a block each.
  EXPECT_NEAR(timer(gemm(257, 256, 4096)).tensor.value(), 2 * 4096 * ns, tick);
  // A shallow product waits for 128 rows of results to leave.
  EXPECT_NEAR(timer(gemm(128, 512, 64)).tensor.value(), 128 * ns, tick);
}

TEST(ResultStationary, ArraysShareAProductAndTheSharedMemoryFeedsThem) {
  Chip chip = gaudi_like(8);
  chip.cache.bandwidth = core::gigabytes_per_second(1000);
  KernelTimer timer(chip, flat_streams());
  const auto cost = timer(gemm(512, 1024, 1024));
  EXPECT_NEAR(cost.tensor.value(), 1024 * ns, tick);
  // Eight blocks of 256 x 256, both operands for each, and the results.
  EXPECT_NEAR(cost.l2.value(), (8 * 2 * 256 * 1024 * 2 + 512 * 1024 * 2) / 1e12, tick);
}

TEST(Systolic, AChipWithoutItsArrayIsRefused) {
  Chip chip = neuron_like();
  chip.cores.array_rows = 0;
  EXPECT_THAT([&] { KernelTimer timer(chip, flat_streams()); },
              testing::ThrowsMessage<core::InputError>(testing::HasSubstr("array_rows")));
  chip = neuron_like();
  chip.cores.scratch = {};
  EXPECT_THAT([&] { KernelTimer timer(chip, flat_streams()); },
              testing::ThrowsMessage<core::InputError>(testing::HasSubstr("scratch")));
}

}  // namespace
}  // namespace wordline::chip
