// The serving engine's settings, by vLLM's names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/serve/host_times.h"

namespace wordline::model {
struct Deployment;
}

namespace wordline::serve {

// What the user may set. 0 stands for "the engine's own default", which resolved() fills in.
struct Engine {
  std::string policy = "vllm-v1";
  std::int32_t max_num_seqs = 0;
  std::int32_t max_num_batched_tokens = 0;
  std::int32_t max_model_len = 0;       // 0: what the model's config.json states
  double gpu_memory_utilization = 0.9;  // vLLM 0.19's default
  std::int64_t num_gpu_blocks = 0;      // 0: from the memory that weights and activations leave
  std::int32_t block_size = 16;         // tokens
  bool prefix_caching = true;           // without token ids nothing can match, so it changes nothing yet
  bool async_scheduling = true;
  HostTimes host = {};  // of an ideal host by default
  bool fresh = false;   // just started: the first steps take longer, where the host's file says so
};

// The names that Engine::policy may take.
std::vector<std::string> engine_policies();

// Throws core::InputError where resolved settings contradict each other, as vLLM does: max_num_batched_tokens below
// max_num_seqs, a utilisation outside 0..1, an unknown policy.
void check(const Engine& resolved_engine);

// vLLM 0.19's defaults for an API server on this deployment put where the engine has 0, then check()ed.
Engine resolved(const Engine& engine, const model::Deployment& deployment);

// KV cache of one replica: what there is room for, and why.
struct KvCapacity {
  std::int64_t blocks = 0;    // of block_size tokens, the engine's null block included; 0 where the model does not fit
  double bytes_per_rank = 0;  // what a rank has left for KV; negative where the model does not fit
  double bytes_per_block_rank = 0;
  double short_gb = 0;  // 10^9 bytes a rank lacks to hold weights, activations and one block
};

// gpu_memory_utilization x memory - weights - activation peak - what is allocated outside of PyTorch, in whole blocks,
// or num_gpu_blocks (vllm/v1/worker/gpu_worker.py, determine_available_memory). Never throws for lack of room.
KvCapacity kv_capacity(const Engine& resolved_engine, const model::Deployment& deployment);

}  // namespace wordline::serve
