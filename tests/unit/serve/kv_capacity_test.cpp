// KV blocks of a server beside those that vLLM 0.19.0 reported for it.
#include <gtest/gtest.h>

#include "wordline/model/deployment.h"
#include "wordline/serve/engine.h"
#include "wordline/serve/engine_memory.h"

namespace wordline::serve {
namespace {

model::Deployment llama_on_a_4090() {
  const auto catalog = core::Catalog::open();
  model::Deployment out;
  out.architecture = model::load(catalog, "llama-3.1-8b");
  out.chip = chip::load(catalog, "rtx-4090");
  return out;
}

Engine settings() {
  Engine out;
  out.max_num_seqs = 256;
  out.max_num_batched_tokens = 2048;
  out.max_model_len = 32768;
  out.outside_torch = outside_torch_of(core::Catalog::open(), out.policy);
  return out;
}

TEST(KvCapacity, IsWithinFivePercentOfAnRtx4090s) {
  const auto d = llama_on_a_4090();
  const auto room = kv_capacity(resolved(settings(), d), d);
  EXPECT_NEAR(static_cast<double>(room.blocks), 2588, 0.05 * 2588);
  EXPECT_EQ(room.bytes_per_block_rank, 16 * 131072);
}

// A server of vLLM has to hold it within its share; the others' rules know no such part.
TEST(KvCapacity, IsLessByWhatLiesOutsideOfPyTorch) {
  const auto d = llama_on_a_4090();
  Engine ideal = settings();
  ideal.outside_torch = {};
  EXPECT_EQ(settings().outside_torch, core::gibibytes(0.65));
  EXPECT_DOUBLE_EQ(kv_capacity(resolved(settings(), d), d).bytes_per_rank,
                   kv_capacity(resolved(ideal, d), d).bytes_per_rank - core::gibibytes(0.65).value());
  for (const auto& policy : engine_policies())
    if (policy != "vllm-v1") {
      EXPECT_EQ(outside_torch_of(core::Catalog::open(), policy), core::Bytes(0)) << policy;
    }
}

// Seats cost logits in sampling; tokens cost nothing until a layer takes more than that.
TEST(KvCapacity, SeatsAreLogits) {
  const auto d = llama_on_a_4090();
  Engine few = settings(), many = settings(), long_steps = settings();
  few.max_num_seqs = 128;
  many.max_num_batched_tokens = 3072;
  long_steps.max_num_batched_tokens = 16384;
  const auto base = kv_capacity(resolved(settings(), d), d).bytes_per_rank;
  EXPECT_EQ(kv_capacity(resolved(few, d), d).bytes_per_rank - base, 14.0 * 128 * 128256);
  EXPECT_EQ(base - kv_capacity(resolved(many, d), d).bytes_per_rank, 2.0 * 1024 * 4096);
  EXPECT_LT(kv_capacity(resolved(long_steps, d), d).bytes_per_rank, base - 1e9);
}

}  // namespace
}  // namespace wordline::serve
