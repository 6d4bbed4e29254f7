// Numbers that the rows were made with come back; others stay.
#include "wordline/chip/calibrate.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include "wordline/core/error.h"

namespace wordline::chip {
namespace {

Chip chip_with(double launch_us, double bf16_share) {
  Chip out;
  out.name = "h100-sxm";
  out.title = "Round";
  out.engines[Dtype::bf16] = {core::teraflops(100), bf16_share};
  out.engines[Dtype::fp8] = {core::teraflops(200), 1};
  out.launch = core::microseconds(launch_us);
  out.tdp = core::watts(300);
  out.idle = core::watts(50);
  return out;
}

Streams streams() {
  return [](const Memory&, double, core::Bytes, double) {
    return Streamed{core::gigabytes_per_second(1000), {}, core::nanoseconds(400)};
  };
}

// Products on `chip`, a small and a large one in turn, as a file of measurements.
MeasuredFile measured_on(const Chip& chip) {
  std::string text = "dtype,m,n,k\n";
  for (int m = 1; m <= 400; ++m)
    text += "bf16," + std::to_string(m % 2 ? m : 16 * m) + "," + (m % 2 ? "64,64\n" : "4096,4096\n");
  const auto table = core::Csv::parse(text, "t.csv");
  MeasuredFile out{"gemm.csv", MeasuredOp::gemm, measured_rows(table, MeasuredOp::gemm)};
  KernelTimer timer(chip, streams());
  for (auto& row : out.rows) row.us = predicted(row, timer).us;
  return out;
}

TEST(Calibrate, FindsWhatTheRowsWereMadeWith) {
  const Chip real = chip_with(7, 0.6), stated = chip_with(3, 1);
  const auto files = std::vector{measured_on(real)};
  const auto done = calibrate(stated, files, streams());
  ASSERT_EQ(done.moved.size(), 2u);
  EXPECT_EQ(done.moved[0].what.key, "launch");
  EXPECT_EQ(done.moved[0].before, 3);
  EXPECT_NEAR(done.moved[0].after, 7, 0.05);
  EXPECT_EQ(done.moved[1].what.table, "engines.bf16");
  EXPECT_NEAR(done.moved[1].after, 0.6, 0.005);
  EXPECT_THAT(done.undetermined, testing::ElementsAre("engines.fp8.best_achieved"));
  ASSERT_EQ(done.held_out.size(), 1u);
  EXPECT_GT(done.held_out[0].before.n, 40u);
  EXPECT_GT(done.held_out[0].before.mean, 0.3);
  EXPECT_LT(done.held_out[0].after.mean, 0.01);
  EXPECT_LT(done.after, 0.01);
}

TEST(Calibrate, LeavesAloneWhatIsRight) {
  const Chip right = chip_with(3, 0.8);
  const auto done = calibrate(right, {measured_on(right)}, streams());
  EXPECT_TRUE(done.moved.empty());
  EXPECT_LT(done.after, 1e-6);
}

TEST(Calibrate, TheSameOnAnyNumberOfThreads) {
  const auto files = std::vector{measured_on(chip_with(5, 0.7))};
  const auto one = calibrate(chip_with(3, 1), files, streams(), {.threads = 1});
  const auto four = calibrate(chip_with(3, 1), files, streams(), {.threads = 4});
  ASSERT_EQ(one.moved.size(), four.moved.size());
  for (std::size_t i = 0; i < one.moved.size(); ++i) EXPECT_EQ(one.moved[i].after, four.moved[i].after);
}

TEST(Calibrate, WritesAChipThatSaysWhereItsNumbersComeFrom) {
  const auto files = std::vector{measured_on(chip_with(7, 0.6))};
  const auto done = calibrate(chip_with(3, 1), files, streams());
  const auto folder = std::filesystem::path(testing::TempDir()) / "calibrated";
  std::filesystem::create_directories(folder / "chips");
  std::ofstream(folder / "chips" / "mine.toml") << chip_file(done, files);
  const auto catalog = core::Catalog::open({folder});
  const Chip read = load(catalog, "mine"), base = load(catalog, "h100-sxm");
  EXPECT_EQ(read.launch, done.chip.launch);
  EXPECT_EQ(read.engines.at(Dtype::bf16).best_achieved, done.chip.engines.at(Dtype::bf16).best_achieved);
  EXPECT_EQ(read.tdp, base.tdp);
  std::string source;
  for (const auto& fact : catalog.facts())
    if (fact.subject == "chips/mine" && fact.path == "kernels.launch") source = fact.source + "|" + fact.kind;
  EXPECT_EQ(source, "calibrated on gemm.csv, 400 rows|measured");
}

TEST(Calibrate, NeedsMeasuredRows) {
  auto file = measured_on(chip_with(3, 1));
  for (auto& row : file.rows) row.us = 0;
  EXPECT_THROW(calibrate(chip_with(3, 1), {file}, streams()), core::InputError);
}

TEST(Calibrate, AProfileHasWhatTheModelsOtherKernelsLeaveToAttention) {
  const Chip chip = chip_with(2, 1);
  Movement write;
  write.read = core::bytes(1000);
  DecodeAttention attention;
  attention.sequences = 2, attention.context = 200;
  attention.heads = attention.kv_heads = 1, attention.head_dim = attention.value_dim = 128;
  MeasuredRow row;
  row.op = MeasuredOp::layer;
  row.us = 50;
  row.kernels = {{"kv_cache_write", write}, {"attn_decode", attention}};
  MeasuredRow two = row;  // of two kernels without attention, each as much as the model's share
  two.kernels = {{"q_norm", write}, {"k_norm", write}};
  MeasuredRow both = row;  // of two attentions nothing is known of each
  both.kernels.push_back(row.kernels.back());
  const auto profile = profile_of(chip, {{"attention.csv", MeasuredOp::layer, {row, two, both}}}, streams());
  ASSERT_EQ(profile.size(), 3u);
  KernelTimer timer(chip, streams());
  EXPECT_EQ(profile[0].kernel.name, "attn_decode");
  EXPECT_NEAR(profile[0].seconds, 50e-6 - timer(row.kernels[0]).time.value(), 1e-12);
  EXPECT_NEAR(profile[1].seconds, 25e-6, 1e-12);
  EXPECT_NEAR(profile[2].seconds, 25e-6, 1e-12);
}

// A chip with a profile takes its times where caches are cold, and the model's where kernels are replayed.
TEST(Calibrate, TimesOfAProfileGoBeforeTheModelInAStep) {
  Chip chip = chip_with(2, 1);
  const Kernel product{"qkv_proj", Gemm{.m = 4, .n = 64, .k = 64}};
  const auto model = KernelTimer(chip, streams())(product).time;
  chip.profile = std::make_shared<const MeasuredTimes>(std::vector<MeasuredTime>{{product, 1e-3}});
  EXPECT_NEAR(KernelTimer(chip, streams())(product).time.value(), 1e-3, 1e-12);
  EXPECT_EQ(KernelTimer(chip, streams(), Residency::warm)(product).time, model);
}

}  // namespace
}  // namespace wordline::chip
