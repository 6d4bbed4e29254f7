// What engines choose where the user leaves it to them.
#include "wordline/serve/engine_defaults.h"

#include <gtest/gtest.h>

#include "wordline/core/error.h"
#include "wordline/model/deployment.h"

namespace wordline::serve {
namespace {

model::Deployment llama_on(const char* chip) {
  const auto catalog = core::Catalog::open();
  model::Deployment out;
  out.architecture = model::load(catalog, "llama-3.1-8b");
  out.chip = chip::load(catalog, chip);
  return out;
}

Engine engine(const char* policy) {
  Engine out;
  out.policy = policy;
  return out;
}

TEST(EngineDefaults, VllmsAreWhatTheyWere) {
  const auto d = llama_on("h100-sxm");
  const Engine found = resolved(engine("vllm-v1"), d);
  EXPECT_EQ(found.max_num_seqs, 1024);
  EXPECT_EQ(found.max_num_batched_tokens, 8192);
  EXPECT_EQ(found.block_size, 16);
  EXPECT_DOUBLE_EQ(found.gpu_memory_utilization, 0.9);
  EXPECT_EQ(block_tokens(engine("vllm-v1")), 16);
}

TEST(EngineDefaults, SglangsFollowTheMemory) {
  const auto large = llama_on("h100-sxm");
  auto small = llama_on("rtx-4090");
  small.chip.memory.capacity = core::Bytes(24e9);
  const Engine on_large = resolved(engine("sglang"), large), on_small = resolved(engine("sglang"), small);
  EXPECT_EQ(on_large.max_num_batched_tokens, 8192);
  EXPECT_EQ(on_small.max_num_batched_tokens, 2048);
  EXPECT_EQ(on_large.max_prefill_tokens, 16384);
  EXPECT_EQ(on_large.block_size, 1);
  EXPECT_EQ(on_large.max_num_seqs, 2048);
  // 80e9 bytes are 76293.9 MiB, less 512 + 1.5 x 8192 + 2 x 256 + 128; 24e9 are 22888.2, less 512 + 1.5 x 2048 + 2 x 24
  // + 128.
  EXPECT_DOUBLE_EQ(on_large.gpu_memory_utilization, 0.824);
  EXPECT_DOUBLE_EQ(on_small.gpu_memory_utilization, 0.836);
  const auto use = model::memory_of(large, 8192, 2048);
  EXPECT_DOUBLE_EQ(kv_capacity(on_large, large).bytes_per_rank, 0.824 * 80e9 - use.weights.value());
}

TEST(EngineDefaults, TensorRtLlmTakesAShareOfWhatIsLeft) {
  const auto d = llama_on("h100-sxm");
  const Engine found = resolved(engine("trtllm"), d);
  EXPECT_EQ(found.max_num_seqs, 2048);
  EXPECT_EQ(found.max_num_batched_tokens, 8192);
  EXPECT_EQ(found.block_size, 32);
  const auto use = model::memory_of(d, 8192, 2048);
  const auto room = kv_capacity(found, d);
  EXPECT_DOUBLE_EQ(room.bytes_per_rank, 0.9 * (80e9 - use.weights.value() - use.activations.value()));
  EXPECT_EQ(room.blocks, static_cast<std::int64_t>(room.bytes_per_rank / (32.0 * 131072)));
}

TEST(EngineDefaults, StaticBatchingPlansNothingAhead) {
  const Engine found = resolved(engine("static-batching"), llama_on("h100-sxm"));
  EXPECT_EQ(found.max_num_seqs, 32);
  EXPECT_FALSE(found.async_scheduling);
  EXPECT_FALSE(found.prefix_caching);
}

TEST(EngineDefaults, SayHowMuchIsMissing) {
  auto d = llama_on("rtx-4090");
  d.architecture = model::load(core::Catalog::open(), "llama-3.1-70b");
  for (const char* policy : {"sglang", "trtllm", "static-batching"}) {
    const auto room = kv_capacity(resolved(engine(policy), d), d);
    EXPECT_EQ(room.blocks, 0) << policy;
    EXPECT_GT(room.short_gb, 100) << policy;
  }
  // So much less, and a block would fit: TensorRT-LLM's share is of what the weights leave.
  const Engine found = resolved(engine("trtllm"), d);
  const auto use = model::memory_of(d, found.max_num_batched_tokens, found.max_num_seqs);
  const double left = d.chip.memory.capacity.value() - use.weights.value() - use.activations.value();
  EXPECT_NEAR(0.9 * (left + 1e9 * kv_capacity(found, d).short_gb), kv_capacity(found, d).bytes_per_block_rank, 1);
}

TEST(EngineDefaults, ContradictionsAreErrors) {
  const auto d = llama_on("h100-sxm");
  Engine paged = engine("sglang"), ordered = paged, tight = engine("trtllm"), evicting = tight;
  paged.block_size = 16;
  ordered.schedule_policy = "lfm";
  tight.max_num_batched_tokens = 100;
  evicting.capacity_scheduler_policy = "MAX_UTILISATION";
  for (const Engine& wrong : {paged, ordered, tight, evicting, engine("sglnag")})
    EXPECT_THROW(resolved(wrong, d), core::InputError);
}

}  // namespace
}  // namespace wordline::serve
