// What a rank holds, and which splits are refused.
#include "wordline/model/deployment.h"

#include <cmath>

#include "fixture.h"
#include "wordline/core/error.h"

namespace wordline::model {
namespace {

using chip::Dtype;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(MemoryOf, OneRankHoldsTheWholeModel) {
  const auto d = deployment("llama-3.1-8b", 1);
  const auto use = memory_of(d, 2048);
  EXPECT_EQ(use.weights.value(), 2.0 * 8030261248);
  EXPECT_EQ(use.kv_per_token.value(), 131072);
  // Sampling takes more than a layer, until the step has many more tokens.
  EXPECT_EQ(use.activations.value(), 2.0 * 2048 * 4096 + (14.0 * 256 + 4) * 128256);
  EXPECT_EQ(memory_of(d, 16384).activations.value(), 2.0 * 16384 * (2 * 4096 + 3 * 14336));
}

TEST(MemoryOf, Fp8StoresLayerMatricesInOneByteAndAScaleEach) {
  const auto use = memory_of(deployment("llama-3.1-8b", 1, Dtype::fp8, Dtype::fp8), 2048);
  EXPECT_EQ(use.weights.value(),
            2.0 * 8030261248 - static_cast<double>(layer_matrix_parameters(llama("llama-3.1-8b"))) + 32 * 7 * 4);
  EXPECT_EQ(use.kv_per_token.value(), 65536);
}

TEST(MemoryOf, RanksShareMatricesAndKvHeads) {
  const auto one = memory_of(deployment("llama-3.1-70b", 1), 0), four = memory_of(deployment("llama-3.1-70b", 4), 0);
  const double norms = 2.0 * 8192 * (2 * 80 + 1);
  EXPECT_EQ(four.weights.value(), (one.weights.value() - norms) / 4 + norms);
  EXPECT_EQ(four.kv_per_token.value(), 327680 / 4);
}

TEST(MemoryOf, KvHeadsReplicateBeyondTheirNumber) {
  const Attention attention = llama("llama-3.1-70b").kinds.front().attention;
  EXPECT_EQ(kv_heads_of(attention, {16}), 1);
  EXPECT_EQ(heads_of(attention, {16}), 4);
  EXPECT_EQ(memory_of(deployment("llama-3.1-70b", 16), 0).kv_per_token,
            memory_of(deployment("llama-3.1-70b", 8), 0).kv_per_token);
}

// 28 query heads over 4 KV heads: groups of 7 stay together, so that 8 ranks hold 4 each, 32 with the padding.
TEST(MemoryOf, HeadsArePaddedWhereRanksDoNotDivideThem) {
  const Attention qwen = llama("qwen2.5-7b").kinds.front().attention;
  EXPECT_EQ(heads_of(qwen, {8}), 4);
  EXPECT_EQ(kv_heads_of(qwen, {8}), 1);
  EXPECT_EQ(heads_of(qwen, {3}), 14);  // two KV heads a rank, one of six is padding
  EXPECT_EQ(kv_heads_of(qwen, {3}), 2);
  const auto padded = memory_of(deployment("qwen2.5-7b", 8), 0), whole = memory_of(deployment("qwen2.5-7b", 1), 0);
  EXPECT_GT(8 * padded.weights.value(), whole.weights.value());
  for (const char* name : {"llama-3.1-8b", "qwen2.5-7b", "deepseek-v3"})
    for (int tp = 1; tp <= 28; ++tp) {
      const Attention a = llama(name).kinds.front().attention;
      EXPECT_GE(heads_of(a, {tp}) * tp, a.heads) << name << tp;
      EXPECT_GE(kv_heads_of(a, {tp}) * tp, a.kv_heads) << name << tp;
    }
}

// Matrices split over ranks add up to the whole where everything divides; the rest is on every rank.
TEST(Matrices, RanksTogetherHoldTheWhole) {
  for (const char* name : {"llama-3.1-70b", "mixtral-8x7b", "qwen3-30b-a3b", "deepseek-v3", "kimi-k2", "gpt-oss-20b"}) {
    const Architecture a = llama(name);
    for (const Share share : {Share{4, 1, 4}, Share{2, 8, 1}, Share{8, 4, 2}})
      for (const Layer& layer : a.kinds) {
        const auto whole = matrices_of(layer, a.hidden), mine = matrices_of(layer, a.hidden, share);
        ASSERT_EQ(whole.size(), mine.size());
        for (std::size_t i = 0; i < whole.size(); ++i)
          EXPECT_EQ(mine[i].numbers() * mine[i].shares, whole[i].numbers()) << name << ' ' << whole[i].name;
      }
  }
}

TEST(Stages, ShareTheLayersAsVllmDoes) {
  Deployment d = deployment("deepseek-v3", 1);  // 61 layers
  d.pp = 4;
  std::vector<int> each;
  for (int stage = 0; stage < 4; ++stage)
    each.push_back(layers_of_stage(d, stage).second - layers_of_stage(d, stage).first);
  EXPECT_EQ(each, (std::vector{15, 15, 16, 15}));
  d.pp = 8;
  int next = 0;
  for (int stage = 0; stage < 8; ++stage) {
    EXPECT_EQ(layers_of_stage(d, stage).first, next);
    next = layers_of_stage(d, stage).second;
  }
  EXPECT_EQ(next, 61);
}

TEST(Stages, TogetherHoldWhatOneRankHolds) {
  for (const char* name : {"llama-3.1-8b", "deepseek-v3", "gpt-oss-20b"}) {
    Deployment d = deployment(name, 1);
    d.weights = d.architecture.stated;
    const auto whole = memory_of_stage(d, 0, 0, 0);
    d.pp = 3;
    MemoryUse sum;
    for (int stage = 0; stage < 3; ++stage) {
      const auto use = memory_of_stage(d, stage, 0, 0);
      sum.weights += use.weights;
      sum.kv_per_token += use.kv_per_token;
    }
    EXPECT_EQ(sum.weights, whole.weights) << name;
    EXPECT_EQ(sum.kv_per_token, whole.kv_per_token) << name;
  }
}

// DeepSeek-V3 on 8 x 4 chips, experts whole over all 32: 8 of 256 each; attention over 8.
TEST(MemoryOf, ExpertsSpreadOverAllRanksOfAStage) {
  Deployment d = deployment("deepseek-v3", 8);
  d.dp = 4;
  d.ep = 32;
  const Layer& layer = d.architecture.kinds[1];
  std::int64_t experts = 0;
  for (const auto& matrix : matrices_of(layer, 7168, share_of(d)))
    if (matrix.part == Part::experts) experts += matrix.numbers();
  EXPECT_EQ(experts, 8 * 3 * 2048 * 7168);
  d.ep = 1;
  experts = 0;
  for (const auto& matrix : matrices_of(layer, 7168, share_of(d)))
    if (matrix.part == Part::experts) experts += matrix.numbers();
  EXPECT_EQ(experts, 256 * 3 * 64 * 7168);
  // The latent vector is on every rank, however many there are.
  EXPECT_EQ(memory_of(d, 0).kv_per_token.value(), 70272);
}

// The whole of DeepSeek-V3 as published: 61 layers in fp8 with a 32-bit scale for each 128 x 128, the rest in 16 bits;
// and kv_b_proj in 16 bits besides.
TEST(MemoryOf, DeepSeekV3AsPublished) {
  Deployment d = deployment("deepseek-v3", 1);
  d.weights = d.architecture.stated;
  ASSERT_EQ(d.weights, Dtype::fp8_block);
  const auto blocks = [](double rows, double columns) { return std::ceil(rows / 128) * std::ceil(columns / 128); };
  const auto gated = [&](double width) { return 3 * blocks(width, 7168); };
  const double attention = blocks(1536, 7168) + blocks(128 * 192, 1536) + blocks(576, 7168) + blocks(128 * 256, 512) +
                           blocks(7168, 128 * 128);
  const double scales = 61 * attention + 3 * gated(18432) + 58 * 257 * gated(2048);
  const double matrices = static_cast<double>(layer_matrix_parameters(d.architecture));
  const double norms = 61 * (2 * 7168 + 1536 + 512) + 7168, routers = 58 * 256 * 7168.0;
  const double wide = norms + routers + 2 * 129280.0 * 7168, absorbed = 61 * 128 * 256 * 512.0;
  EXPECT_EQ(memory_of(d, 0, 0).weights.value(), matrices + 4 * scales + 2 * wide + 4 * 58 * 256 + 2 * absorbed);
}

TEST(Check, ImpossibleSplitsNameTheNumbers) {
  EXPECT_NO_THROW(check(deployment("llama-3.1-70b", 8)));
  EXPECT_THAT([] { check(deployment("llama-3.1-8b", 64)); },
              ThrowsMessage<core::InputError>(HasSubstr("32 attention heads for 64 ranks")));
  EXPECT_THAT([] { check(deployment("llama-3.1-70b", 32)); },
              ThrowsMessage<core::InputError>(HasSubstr("joins at most 16")));
  Deployment d = deployment("mixtral-8x7b", 2);
  d.ep = 4;
  EXPECT_THAT([&] { check_split(d); }, ThrowsMessage<core::InputError>(HasSubstr("a divisor")));
  d.tp = 16, d.ep = 16;
  EXPECT_THAT([&] { check_split(d); }, ThrowsMessage<core::InputError>(HasSubstr("8 experts for 16 ranks")));
  d.ep = 1, d.pp = 33;
  EXPECT_THAT([&] { check_split(d); }, ThrowsMessage<core::InputError>(HasSubstr("32 layers for 33 stages")));
  d = deployment("llama-3.1-8b", 2);
  d.ep = 2;
  EXPECT_THAT([&] { check_split(d); }, ThrowsMessage<core::InputError>(HasSubstr("no experts")));
}

}  // namespace
}  // namespace wordline::model
