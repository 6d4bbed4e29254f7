#include "wordline/serve/engine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "wordline/core/error.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/engine_defaults.h"

namespace wordline::serve {
namespace {

// EngineArgs.get_batch_defaults of vLLM 0.19.0 for UsageContext.OPENAI_API_SERVER: by the memory of one chip.
constexpr double large_memory_bytes = 70.0 * 1024 * 1024 * 1024;
constexpr std::int32_t large_seqs = 1024, large_tokens = 8192, small_seqs = 256, small_tokens = 2048;
constexpr double vllm_utilization = 0.9;
constexpr std::int32_t vllm_block_size = 16;

bool is_vllm(const Engine& engine) { return engine.policy == "vllm-v1"; }

void check_choice(const char* setting, const std::string& found, const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), found) == choices.end())
    throw core::InputError({}, fmt::format("{} \"{}\"", setting, found), fmt::format("{}", fmt::join(choices, " or ")),
                           core::nearest_name(found, choices));
}

}  // namespace

void check(const Engine& engine) {
  check_choice("the engine", engine.policy, engine_policies());
  if (engine.max_num_seqs < 1 || engine.block_size < 1 || engine.max_model_len < 0 || engine.num_gpu_blocks < 0)
    throw core::InputError("max-num-seqs and the block size must be above 0, lengths and blocks not below");
  check_choice("the schedule policy", engine.schedule_policy, {"fcfs", "lpm"});
  check_choice("the capacity scheduler policy", engine.capacity_scheduler_policy,
               {"GUARANTEED_NO_EVICT", "MAX_UTILIZATION"});
  if (!(engine.schedule_conservativeness > 0) || engine.max_prefill_tokens < 0)
    throw core::InputError("schedule-conservativeness must be above 0, max-prefill-tokens not below");
  if (engine.max_num_batched_tokens < 1) throw core::InputError("a step must have room for a token");
  if ((is_vllm(engine) || engine.policy == "trtllm") && engine.max_num_batched_tokens < engine.max_num_seqs)
    throw core::InputError(fmt::format("max-num-batched-tokens ({}) must not be below max-num-seqs ({})",
                                       engine.max_num_batched_tokens, engine.max_num_seqs));
  if (!(engine.gpu_memory_utilization > 0 && engine.gpu_memory_utilization <= 1))
    throw core::InputError(
        fmt::format("gpu-memory-utilization is {}: wanted above 0, up to 1", engine.gpu_memory_utilization));
  if (!(engine.kv_offloading_size >= 0)) throw core::InputError("kv-offloading-size must not be below 0");
  if (engine.kv_offloading_size > 0 && !is_vllm(engine))
    throw core::InputError(
        fmt::format("kv-offloading-size: the engine \"{}\" is not modelled with it; vllm-v1 is", engine.policy));
  if (engine.kv_offloading_size > 0 && !engine.prefix_caching)
    throw core::InputError("kv-offloading-size: blocks are found again by prefix caching, which is off");
  if (is_vllm(engine) && engine.num_gpu_blocks == 1)
    throw core::InputError("num-gpu-blocks is 1: the engine keeps one block for itself");
}

Engine resolved(const Engine& engine, const model::Deployment& deployment) {
  Engine out = engine;
  if (out.max_model_len == 0) out.max_model_len = deployment.architecture.max_positions;
  out.block_size = block_tokens(engine);
  if (!is_vllm(engine)) {
    set_defaults(out, deployment);
    check(out);
    return out;
  }
  if (out.gpu_memory_utilization == 0) out.gpu_memory_utilization = vllm_utilization;
  const bool large = deployment.chip.memory.capacity.value() >= large_memory_bytes;
  if (out.max_num_batched_tokens == 0)
    out.max_num_batched_tokens = std::max(large ? large_tokens : small_tokens, out.max_num_seqs);
  if (out.max_num_seqs == 0) out.max_num_seqs = std::min(large ? large_seqs : small_seqs, out.max_num_batched_tokens);
  check(out);
  return out;
}

std::int32_t block_tokens(const Engine& engine) {
  if (engine.block_size != 0) return engine.block_size;
  return is_vllm(engine) ? vllm_block_size : default_block_tokens(engine.policy);
}

KvCapacity kv_capacity(const Engine& engine, const model::Deployment& deployment) {
  if (!is_vllm(engine)) return kv_capacity_beside_vllm(engine, deployment);
  const auto use = model::memory_of(deployment, engine.max_num_batched_tokens, engine.max_num_seqs);
  KvCapacity out;
  out.bytes_per_block_rank = use.kv_per_token.value() * engine.block_size;
  out.bytes_per_rank = deployment.chip.memory.capacity.value() * engine.gpu_memory_utilization - use.weights.value() -
                       use.activations.value() - engine.outside_torch.value();
  out.blocks = std::max<std::int64_t>(0, static_cast<std::int64_t>(out.bytes_per_rank / out.bytes_per_block_rank));
  const double wanted = 2 * out.bytes_per_block_rank;  // the null block and one to work with
  if (out.bytes_per_rank < wanted) {
    out.blocks = 0;
    out.short_gb = (wanted - out.bytes_per_rank) / 1e9;
  } else if (engine.num_gpu_blocks > 0) {
    out.blocks = engine.num_gpu_blocks;
  }
  return out;
}

}  // namespace wordline::serve
