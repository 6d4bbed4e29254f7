// What a rank holds, and which splits are refused.
#include "wordline/model/deployment.h"

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
  EXPECT_EQ(use.activations.value(), 2.0 * 2048 * (2 * 4096 + 3 * 14336) + 6.0 * 256 * 128256);
}

TEST(MemoryOf, Fp8StoresLayerMatricesInOneByte) {
  const auto use = memory_of(deployment("llama-3.1-8b", 1, Dtype::fp8, Dtype::fp8), 2048);
  EXPECT_EQ(use.weights.value(),
            2.0 * 8030261248 - static_cast<double>(layer_matrix_parameters(llama("llama-3.1-8b"))));
  EXPECT_EQ(use.kv_per_token.value(), 65536);
}

TEST(MemoryOf, RanksShareMatricesAndKvHeads) {
  const auto one = memory_of(deployment("llama-3.1-70b", 1), 0), four = memory_of(deployment("llama-3.1-70b", 4), 0);
  const double norms = 2.0 * 8192 * (2 * 80 + 1);
  EXPECT_EQ(four.weights.value(), (one.weights.value() - norms) / 4 + norms);
  EXPECT_EQ(four.kv_per_token.value(), 327680 / 4);
}

TEST(MemoryOf, KvHeadsReplicateBeyondTheirNumber) {
  EXPECT_EQ(kv_heads_per_rank(deployment("llama-3.1-70b", 16)), 1);
  EXPECT_EQ(memory_of(deployment("llama-3.1-70b", 16), 0).kv_per_token,
            memory_of(deployment("llama-3.1-70b", 8), 0).kv_per_token);
}

TEST(Check, ImpossibleSplitsNameTheNumbers) {
  EXPECT_NO_THROW(check(deployment("llama-3.1-70b", 8)));
  EXPECT_THAT([] { check(deployment("llama-3.1-8b", 3)); },
              ThrowsMessage<core::InputError>(HasSubstr("32 attention heads do not divide by 3")));
  EXPECT_THAT([] { check(deployment("llama-3.1-70b", 32)); },
              ThrowsMessage<core::InputError>(HasSubstr("joins at most 16")));
}

}  // namespace
}  // namespace wordline::model
