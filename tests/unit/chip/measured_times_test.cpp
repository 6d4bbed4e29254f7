// Measured times by shape: what was measured comes back, what lies between is linear, what lies beyond follows a model.
#include "wordline/chip/measured_times.h"

#include <filesystem>
#include <fstream>

#include "wordline/core/error.h"

namespace wordline::chip {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

double no_model(const Kernel&) { throw std::logic_error("the model was asked"); }
// One second for each multiply and add.
double by_flops(const Kernel& kernel) { return counts_of(kernel).matrix.value(); }

Kernel product(std::int64_t m, std::int64_t n = 64) { return {"qkv_proj", Gemm{.m = m, .n = n, .k = 32}}; }

Kernel decoding(std::int64_t sequences, std::int64_t each) {
  DecodeAttention work;
  work.sequences = sequences, work.context = sequences * (each + 1);
  work.heads = 8, work.kv_heads = 2, work.head_dim = work.value_dim = 128;
  return {"attn_decode", work};
}

Kernel chunk(std::int64_t tokens, std::int64_t cached, std::int64_t sequences = 0, std::int64_t each = 0) {
  PrefillAttention work;
  work.decode_sequences = sequences, work.decode_context = sequences * each;
  work.sequences = 1 + sequences, work.tokens = tokens + sequences, work.context = cached + sequences * each;
  work.pairs = static_cast<double>(tokens * cached + tokens * (tokens + 1) / 2 + sequences * (each + 1));
  work.heads = 8, work.kv_heads = 2, work.head_dim = work.value_dim = 128;
  return {"attn_prefill", work};
}

TEST(MeasuredTimes, ProductsAreLinearInTheirRowsForOneMatrix) {
  const MeasuredTimes times({{product(1), 10}, {product(16), 40}, {product(32), 80}});
  EXPECT_EQ(times.seconds(product(16), no_model), 40);
  EXPECT_EQ(times.seconds(product(24), no_model), 60);
  EXPECT_EQ(times.seconds(product(64), by_flops), 160);  // twice the last
  EXPECT_EQ(times.seconds(product(16, 128), no_model), std::nullopt);
}

TEST(MeasuredTimes, MovementsGoByNameAndBytes) {
  const auto moving = [](const char* name, double bytes) {
    Movement work;
    work.read = core::bytes(bytes);
    return Kernel{name, work};
  };
  const MeasuredTimes times({{moving("input_norm", 1000), 2}, {moving("input_norm", 3000), 4}});
  EXPECT_EQ(times.seconds(moving("input_norm", 2000), no_model), 3);
  EXPECT_EQ(times.seconds(moving("rope", 2000), no_model), std::nullopt);
}

TEST(MeasuredTimes, AttentionIsMultilinearOnItsGrid) {
  std::vector<MeasuredTime> all;
  for (const int sequences : {1, 4})
    for (const int each : {16, 64}) all.push_back({decoding(sequences, each), sequences * 1000.0 + each});
  for (const int tokens : {16, 64})
    for (const int cached : {0, 64})
      for (const int sequences : {1, 4})
        for (const int each : {16, 64})
          all.push_back(
              {chunk(tokens, cached, sequences, each), 1e6 * tokens + 1e4 * cached + 100. * sequences + each});
  const MeasuredTimes times(all);
  EXPECT_DOUBLE_EQ(*times.seconds(decoding(2, 40), no_model), 2040);
  EXPECT_DOUBLE_EQ(*times.seconds(chunk(32, 16, 2, 32), no_model), 1e6 * 32 + 1e4 * 16 + 232);
  EXPECT_EQ(times.seconds(chunk(32, 16), no_model), std::nullopt);  // no chunk alone was measured
  // Beyond the grid: four times the sequences of the last line, by the model.
  EXPECT_DOUBLE_EQ(*times.seconds(decoding(16, 64), by_flops), 4 * 4064);
}

TEST(MeasuredTimes, SeveralChunksGoByOneOfAsManyTokensAndPairs) {
  const MeasuredTimes times({{chunk(64, 0), 1000}, {chunk(128, 0), 3000}});
  Kernel two = chunk(64, 0);
  auto& work = std::get<PrefillAttention>(two.work);
  work.sequences = 2, work.tokens = 128, work.pairs *= 2;
  const double share = by_flops(two) / by_flops(chunk(128, 0));
  EXPECT_DOUBLE_EQ(*times.seconds(two, by_flops), 3000 * share);
}

TEST(MeasuredTimes, AGridLeavesOutTheEmptiestLines) {
  std::map<std::vector<double>, double> points;
  for (const double x : {1.0, 2.0, 4.0})
    for (const double y : {1.0, 2.0}) points[{x, y}] = 10 * x + y;
  points[{3, 1}] = 1e9;  // alone on its line
  const Grid grid(points);
  EXPECT_DOUBLE_EQ(grid.at({3, 1.5}), 31.5);
  EXPECT_EQ(grid.nearest({9, 0}), (std::vector<double>{4, 1}));
}

TEST(MeasuredTimes, AProfileIsReadAsItWasWritten) {
  const auto file = std::filesystem::temp_directory_path() / "wordline_measured_times_test.csv";
  const std::vector<MeasuredTime> all = {{product(5), 1e-5}, {decoding(3, 7), 2e-5}, {chunk(9, 2, 3, 4), 3e-5}};
  std::ofstream(file) << profile_csv(all);
  const auto read = read_profile(file);
  std::filesystem::remove(file);
  ASSERT_EQ(read.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(read[i].kernel.work, all[i].kernel.work) << i;
    EXPECT_DOUBLE_EQ(read[i].seconds, all[i].seconds) << i;
  }
}

TEST(MeasuredTimes, RefusalsSayWhere) {
  const auto file = std::filesystem::temp_directory_path() / "wordline_measured_times_bad.csv";
  const auto reading = [&](const std::string& row) {
    std::ofstream(file)
        << "kernel,dtype,n,k,heads,kv_heads,head_dim,tokens,context,sequences,sequence_context,bytes,us\n"
        << row << "\n";
    read_profile(file);
  };
  EXPECT_THAT([&] { reading("qkv_proj,bf16,64,32,,,,1,,,,,0"); },
              ThrowsMessage<core::InputError>(HasSubstr("bad.csv:2")));
  EXPECT_THAT([&] { reading("qkv_proj,bf61,64,32,,,,1,,,,,5"); }, ThrowsMessage<core::InputError>(HasSubstr("bf16")));
  EXPECT_THAT([&] { reading("attn,bf16,,,8,2,128,0,0,0,5,,5"); },
              ThrowsMessage<core::InputError>(HasSubstr("sequences = 0")));
  EXPECT_THAT([&] { reading("norm,bf16,,,,,,,,,,0,5"); }, ThrowsMessage<core::InputError>(HasSubstr("bytes = 0")));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace wordline::chip
