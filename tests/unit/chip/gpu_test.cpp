// Kernels on a GPU with round numbers, against sums by hand.
#include "wordline/chip/gpu.h"

#include <cmath>

#include "tiled_chips.h"

namespace wordline::chip {
namespace {

constexpr double us = 1e-6;

// A memory so fast that only the multiprocessors count.
KernelTimer on(int cores, double memory = 1e6) { return KernelTimer(gpu_like(cores), flat_streams(memory)); }

double time_us(KernelTimer timer, const Kernel& kernel) { return timer(kernel).time.value() / us; }

TEST(Gpu, OneTileTakesItsMultiplicationsAndItsEdges) {
  // 256 x 192 x 65536 in one tile at 4096 operations a nanosecond: 1572.864 us; launch 1, two edges before, one of the
  // tile.
  const double whole = 2.0 * 256 * 192 * 65536 / 4096e3;
  EXPECT_NEAR(time_us(on(1), gemm(256, 192, 65536)), 1 + 2 + 1 + whole, 0.01 * whole);
}

TEST(Gpu, APartialWaveCostsAWholeOne) {
  // Tiles that fill 4 multiprocessors once, and one column of tiles more: no cut makes five tiles of work fit one wave.
  const double four = time_us(on(4), gemm(256, 4 * 192, 8192)), five = time_us(on(4), gemm(256, 5 * 192, 8192));
  EXPECT_GT(five / four, 1.2);
  EXPECT_LT(five / four, 2.05);
}

TEST(Gpu, FewTilesAreSplitAlongK) {
  // One small tile and 64 multiprocessors: without a split the port alone would take (64 + 16/2) x 2 x 65536 / 64 ns.
  const double port = (16 + 64 / 2.0) * 2 * 65536 / 64e3;
  EXPECT_LT(time_us(on(64), gemm(16, 64, 65536)), 0.5 * port);
}

TEST(Gpu, WeightsStreamAtTheMemorysRate) {
  // 1 GB of weights at 1 TB/s: 1000 us, the rest beside it.
  const double t = time_us(on(132, 1), gemm(1, 16384, 32768));
  const double alone = 2.0 * 16384 * 32768 / 1e6;
  EXPECT_GT(t, alone);
  EXPECT_LT(t, 1.05 * alone + 10);
  EXPECT_EQ(on(132, 1)(gemm(1, 16384, 32768)).bound, Bound::dram);
}

TEST(Gpu, MoreBytesAcrossFormatsTakeLonger) {
  Kernel wide = gemm(1, 16384, 16384), narrow = wide;
  std::get<Gemm>(narrow.work).weights = Dtype::fp8;
  std::get<Gemm>(narrow.work).operands = Dtype::fp8;
  EXPECT_NEAR(time_us(on(132, 1), wide) / time_us(on(132, 1), narrow), 2, 0.1);
}

TEST(Gpu, WarmCachesHoldSmallWeights) {
  const Kernel small = gemm(1, 1024, 1024);
  KernelTimer warm(gpu_like(132), flat_streams(), Residency::warm);
  EXPECT_EQ(warm(small).moved.value(), 0);
  EXPECT_GT(on(132)(small).moved.value(), 2.0 * 1024 * 1024);
  const Kernel large = gemm(1, 16384, 16384);
  EXPECT_EQ(warm(large).moved, on(132)(large).moved);
}

Kernel decode(std::int64_t sequences, std::int64_t each, int heads = 32, int kv_heads = 8) {
  return {"decode", DecodeAttention{.sequences = sequences,
                                    .context = sequences * each,
                                    .heads = heads,
                                    .kv_heads = kv_heads,
                                    .head_dim = 128,
                                    .value_dim = 128}};
}

TEST(Gpu, AShortDecodeIsLaunchesAndOneChain) {
  // 2 launches, a step of 1 us, half a one for the tile of four heads; nothing to speak of is read. The ramp is not
  // there: the pages are in the cache.
  KernelTimer warm(gpu_like(132), flat_streams(1e6), Residency::warm);
  EXPECT_NEAR(warm(decode(16, 16)).time.value() / us, 3.5, 0.15);
}

TEST(Gpu, ItemsRunInWaves) {
  // 132 items fill the multiprocessors; 1320 take nine chains of 1.5 us more.
  KernelTimer warm(gpu_like(132), flat_streams(1e6), Residency::warm);
  const double one = warm(decode(132, 1, 16, 1)).time.value(), ten = warm(decode(1320, 1, 16, 1)).time.value();
  EXPECT_NEAR((ten - one) / us, 9 * 1.5, 0.5);
}

TEST(Gpu, SequencesAreCutWhereMultiprocessorsAreFree) {
  // One sequence of 8192 tokens and one KV head: 64 pieces of 128 at least, in the root of 8 x 64 = 22.6 pieces of
  // 362: one wave. A chain of 1.5 steps; after the first 64 tokens, (362 - 64) / 64
  // tiles at a half and a half of a step for the tile of heads; merging takes 2 steps.
  KernelTimer warm(gpu_like(132), flat_streams(1e6), Residency::warm);
  const double tokens = 8192 / std::sqrt(8.0 * 64);
  EXPECT_NEAR(warm(decode(1, 8192, 16, 1)).time.value() / us, 2 + 2 + 1.5 + (tokens - 64) / 64, 0.15);
}

TEST(Gpu, EveryQueryHeadReadsForItselfWhereNoneShare) {
  // Groups of one: 66 heads of 511 tokens on the lanes of 66 multiprocessors, 256 operations a nanosecond, two for a
  // multiplication with an addition: 8 for each of 2 x 128 numbers a token. 2 launches, 1 step and 1 for 64 tokens.
  KernelTimer warm(gpu_like(66), flat_streams(1e6), Residency::warm);
  const double lanes = 511 * 2.0 * 128 * 8 / 128e3;
  EXPECT_NEAR(warm(decode(1, 511, 66, 66)).time.value() / us, 2 + 2 + lanes, 0.2);
  // Three times as many heads as multiprocessors: smaller blocks, three on each.
  EXPECT_GT(warm(decode(3, 511, 66, 66)).time.value() / us, 2 + 3 * lanes);
}

TEST(Gpu, LongDecodeReadsKeysAndValuesAtTheMemorysRate) {
  const double bytes = 64.0 * 32768 * 8 * 256 * 2;
  const double t = time_us(on(132, 1), decode(64, 32768));
  EXPECT_GT(t, bytes / 1e6);
  EXPECT_LT(t, 1.02 * bytes / 1e6 + 20);
}

TEST(Gpu, PrefillTakesProductsAndExponentialsOneAfterTheOther) {
  // 2 x (128 + 128) operations a pair at 4096 a nanosecond and multiprocessor, and an exponential at 16: 0.125 + 0.0625
  // ns.
  const std::int64_t n = 16384;
  PrefillAttention w{.sequences = 1, .tokens = n, .heads = 8, .kv_heads = 8, .head_dim = 128, .value_dim = 128};
  w.pairs = static_cast<double>(n) * (n + 1) / 2;
  const double whole = 8 * w.pairs * 0.1875e-3;
  const double t = time_us(on(1), {"prefill", w});
  EXPECT_GT(t, whole);
  EXPECT_LT(t, 1.15 * whole);
}

TEST(Gpu, ExpertsReadTheWeightsOfThoseThatAreDrawn) {
  const Experts one{.tokens = 1, .hidden = 4096, .width = 1024, .experts = 64, .top_k = 1};
  Experts all = one;
  all.tokens = 4096;
  const double expert = 3.0 * 4096 * 1024 * 2;
  const double few = on(132)({"experts", one}).moved.value(), many = on(132)({"experts", all}).moved.value();
  EXPECT_NEAR(few, expert, 0.1 * expert);
  EXPECT_GT(many, 63 * expert);
}

TEST(Gpu, ExpertsAreAsManyKernelsAsTheirFormatAndSortingTake) {
  Experts w{.tokens = 1, .hidden = 128, .width = 128, .experts = 8, .top_k = 1};
  const auto launch_us = [&] { return on(132)({"experts", w}).launch.value() / us; };
  EXPECT_NEAR(launch_us(), 8 * 2, 1e-3) << "a launch and an edge, 1 us each";
  w.tokens = 257;
  EXPECT_NEAR(launch_us(), 10 * 2, 1e-3) << "sorting takes two kernels more";
  w.tokens = 256;
  w.bench = true;
  EXPECT_NEAR(launch_us(), 9 * 2, 1e-3) << "choosing, too";
  w.weights = w.operands = Dtype::fp8;
  EXPECT_NEAR(launch_us(), 11 * 2, 1e-3) << "and quantising";
  w.weights = w.operands = Dtype::fp8_block;
  EXPECT_NEAR(launch_us(), 9 * 2, 1e-3);
  w.bench = false;
  EXPECT_NEAR(launch_us(), 7 * 2, 1e-3);
}

TEST(Gpu, AModelsStepQuantisesRowsBeforeTheBlock) {
  // 8-bit rows: gathering reads and writes 1 byte a number; a benchmark's block reads 2 and writes 1 of every token
  // first.
  Experts w{.tokens = 1000, .hidden = 4096, .width = 512, .experts = 8, .top_k = 1};
  w.weights = w.operands = Dtype::fp8;
  const double step = on(132)({"experts", w}).moved.value();
  w.bench = true;
  EXPECT_NEAR(on(132)({"experts", w}).moved.value() - step, 3 * 1000.0 * 4096, 1e-6 * step);
}

TEST(Gpu, ASkewedLoadRunsOnTheTilesOfAnEvenOne) {
  // 4096 tokens on 128 experts: 32 rows each where even. The fullest expert's rows go through in tiles as low as that,
  // which fetch the weights over and over.
  Experts even{.tokens = 4096, .hidden = 4096, .width = 1024, .experts = 128, .top_k = 1, .dealt = true};
  Experts skewed = even;
  skewed.skew = 1.2;
  EXPECT_GT(time_us(on(132), {"experts", skewed}), 1.05 * time_us(on(132), {"experts", even}));
}

TEST(Gpu, WidenedWeightsRunInKernelsOfTheirOwnWhereTheLibraryHasThem) {
  Experts w{.tokens = 1 << 18, .hidden = 2880, .width = 1440, .experts = 8, .top_k = 1, .weights = Dtype::mxfp4};
  Chip chip = gpu_like(132);
  const auto cost = [&](const Experts& of) { return KernelTimer(chip, flat_streams(1e6))({"experts", of}); };
  const double before = cost(w).tensor.value();
  chip.factors["widened_share"] = 0.5;
  EXPECT_NEAR(cost(w).tensor.value(), 2 * before, 1e-6 * before);
  chip.factors["widened_launches"] = 9;  // 8 as of other formats
  const double launch = cost(w).launch.value();
  EXPECT_GT(launch, 1.05 * cost({.tokens = 1 << 18, .hidden = 2880, .width = 1440, .experts = 8}).launch.value());
  // 2880 and 1440 are padded to 3072 and 1536, no further where they already are.
  chip.factors["widened_hidden"] = 256;
  chip.factors["widened_width"] = 128;
  chip.factors["widened_rows"] = 64;
  chip.factors["widened_columns"] = 256;
  const KernelCost odd = cost(w);
  w.hidden = 3072;
  w.width = 1536;
  EXPECT_EQ(odd.time, cost(w).time);
  EXPECT_EQ(odd.moved, cost(w).moved);
  // Of 16-bit weights nothing changes.
  w.weights = Dtype::bf16;
  EXPECT_EQ(cost(w).time, KernelTimer(gpu_like(132), flat_streams(1e6))({"experts", w}).time);
}

TEST(Gpu, WeightsOfZerosRunAtThePeakWhereTheLibraryWasMeasuredSo) {
  Chip chip = gpu_like(132);
  chip.engines[Dtype::bf16].best_achieved = 0.5;
  Experts w{.tokens = 65536, .hidden = 8192, .width = 8192, .experts = 8, .top_k = 2};
  const auto tensor = [&] { return KernelTimer(chip, flat_streams(1e6))({"experts", w}).tensor.value(); };
  const double filled = tensor();
  w.bench = true;
  EXPECT_NEAR(tensor(), filled, 1e-6 * filled);
  chip.factors["experts_zeros"] = 1;
  EXPECT_NEAR(tensor(), filled / 2, 1e-6 * filled);
  w.bench = false;
  EXPECT_NEAR(tensor(), filled, 1e-6 * filled);
}

TEST(Gpu, ChoicesOfOtherRanksAreWorkWhereTheLibraryWasMeasuredSo) {
  // 8 ranks of one expert, 8 choices a token: each token chose this rank's expert, and seven others.
  Chip chip = gpu_like(132);
  Experts w{.tokens = 4096,
            .hidden = 4096,
            .width = 4096,
            .experts = 8,
            .top_k = 8,
            .ranks = 8,
            .dealt = true,
            .bench = true};
  const auto tensor = [&] { return KernelTimer(chip, flat_streams(1e6))({"experts", w}).tensor.value(); };
  const double mine = tensor();
  chip.factors["experts_remote"] = 1;
  EXPECT_NEAR(tensor() / mine, 8, 0.2);
  w.ranks = 1;
  const double all = tensor();
  chip.factors["experts_remote"] = 0;
  EXPECT_EQ(tensor(), all);
}

TEST(Gpu, ALibraryWithoutATunerHasOneTileForFewTokensAndOneForMany) {
  // A row for each of 64 experts is multiplied as 16; a token more, and as 64.
  Chip chip = gpu_like(1);
  chip.factors["experts_rows"] = chip.factors["experts_columns"] = 64;
  chip.factors["experts_rows_few"] = 16;
  chip.factors["experts_columns_few"] = 32;
  Experts w{.tokens = 64, .hidden = 1024, .width = 128, .experts = 64, .top_k = 1, .dealt = true};
  const auto tensor_ns = [&] { return KernelTimer(chip, flat_streams(1e6))({"experts", w}).tensor.value() * 1e9; };
  const double padded = 64 * 2.0 * (256 * 1024 + 1024 * 128) / 4096;  // of one row in each expert
  EXPECT_NEAR(tensor_ns(), 16 * padded, 1e-3 * padded);
  w.tokens = 65;
  EXPECT_NEAR(tensor_ns(), 64 * padded, 1e-3 * padded);
}

}  // namespace
}  // namespace wordline::chip
