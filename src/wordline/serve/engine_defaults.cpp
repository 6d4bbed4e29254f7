#include "wordline/serve/engine_defaults.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wordline/core/error.h"
#include "wordline/model/deployment.h"

namespace wordline::serve {
namespace {

constexpr double mib = 1024.0 * 1024;

// ServerArgs of SGLang 0.5.6: by the memory of one chip, below so many MiB; graphs where tp is below 4, and from 4 on.
struct SglangClass {
  double below_mib;
  std::int32_t chunked_prefill_size;
  std::int32_t cuda_graph_max_bs, cuda_graph_max_bs_tp4;
};
constexpr SglangClass sglang_classes[] = {{20.0 * 1024, 2048, 8, 8},
                                          {35.0 * 1024, 2048, 24, 80},
                                          {60.0 * 1024, 4096, 32, 160},
                                          {160.0 * 1024, 8192, 256, 512},
                                          {INFINITY, 16384, 512, 512}};
constexpr std::int32_t sglang_max_prefill_tokens = 16384;

// mem_fraction_static: without what metadata, activations, graphs and parallel groups are thought to need, in MiB.
double sglang_fraction(const Engine& engine, const SglangClass& chip, double memory_mib,
                       const model::Deployment& deployment) {
  const bool wide = deployment.tp >= 4;
  double reserved = 512 + 1.5 * std::max(engine.max_num_batched_tokens, 2048) +
                    2.0 * (wide ? chip.cuda_graph_max_bs_tp4 : chip.cuda_graph_max_bs) +
                    1024.0 / 8 * deployment.tp * deployment.pp;
  if (memory_mib > 60 * 1024) reserved = std::max(reserved, 10.0 * 1024);
  return std::max(0.001, std::round((memory_mib - reserved) / memory_mib * 1000) / 1000);
}

void set_sglang(Engine& engine, const model::Deployment& deployment) {
  if (engine.block_size != 1)
    throw core::InputError(
        fmt::format("the block size is {}: sglang keeps tokens one by one here (page-size 1)", engine.block_size));
  const double memory_mib = deployment.chip.memory.capacity.value() / mib;
  const SglangClass* chip = sglang_classes;
  while (memory_mib >= chip->below_mib) ++chip;
  if (engine.max_num_batched_tokens == 0) engine.max_num_batched_tokens = chip->chunked_prefill_size;
  if (engine.max_prefill_tokens == 0) engine.max_prefill_tokens = sglang_max_prefill_tokens;
  if (engine.gpu_memory_utilization == 0)
    engine.gpu_memory_utilization = sglang_fraction(engine, *chip, memory_mib, deployment);
  if (engine.max_num_seqs > 0) return;
  // 512 requests for every one of full length that fits, within bounds.
  const auto tokens = static_cast<double>(kv_capacity_beside_vllm(engine, deployment).blocks * engine.block_size);
  const double requests = tokens / std::max(1, engine.max_model_len) * 512;
  engine.max_num_seqs = static_cast<std::int32_t>(std::clamp(requests, 2048.0, 4096.0));
}

}  // namespace

void set_defaults(Engine& engine, const model::Deployment& deployment) {
  if (engine.policy == "sglang") return set_sglang(engine, deployment);
  const bool trtllm = engine.policy == "trtllm";
  if (engine.max_num_seqs == 0) engine.max_num_seqs = trtllm ? 2048 : 32;
  if (engine.max_num_batched_tokens == 0) engine.max_num_batched_tokens = trtllm ? 8192 : 32768;
  if (engine.gpu_memory_utilization == 0) engine.gpu_memory_utilization = 0.9;
  if (engine.policy == "static-batching") engine.prefix_caching = engine.async_scheduling = false;
}

std::int32_t default_block_tokens(const std::string& policy) {
  return policy == "sglang" ? 1 : policy == "trtllm" ? 32 : 16;
}

KvCapacity kv_capacity_beside_vllm(const Engine& engine, const model::Deployment& deployment) {
  const auto use = model::memory_of(deployment, engine.max_num_batched_tokens, engine.max_num_seqs);
  const double memory = deployment.chip.memory.capacity.value(), share = engine.gpu_memory_utilization;
  KvCapacity out;
  out.bytes_per_block_rank = use.kv_per_token.value() * engine.block_size;
  if (engine.policy == "sglang")
    out.bytes_per_rank = share * memory - use.weights.value();
  else if (engine.policy == "trtllm")
    out.bytes_per_rank = share * (memory - use.weights.value() - use.activations.value());
  else
    out.bytes_per_rank = share * memory - use.weights.value() - use.activations.value();
  if (out.bytes_per_rank < out.bytes_per_block_rank)  // what TensorRT-LLM's weights lack counts by its share alone
    out.short_gb = (out.bytes_per_block_rank - out.bytes_per_rank) / (engine.policy == "trtllm" ? share : 1) / 1e9;
  else
    out.blocks = engine.num_gpu_blocks > 0 ? engine.num_gpu_blocks
                                           : static_cast<std::int64_t>(out.bytes_per_rank / out.bytes_per_block_rank);
  return out;
}

}  // namespace wordline::serve
