// The serving engine's settings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/core/units.h"
#include "wordline/serve/host_times.h"

namespace wordline::model {
struct Deployment;
}

namespace wordline::serve {

// What the user may set. 0 stands for "the engine's own default", which resolved() fills in. What several engines have
// bears vLLM's name; theirs, SGLang's and TensorRT-LLM's, stand behind it.
struct Engine {
  std::string policy = "vllm-v1";
  std::int32_t max_num_seqs = 0;            // max_running_requests, max_batch_size
  std::int32_t max_num_batched_tokens = 0;  // chunked_prefill_size, max_num_tokens
  std::int32_t max_model_len = 0;           // context_length, max_seq_len; 0: what the model's config.json states
  double gpu_memory_utilization = 0;        // mem_fraction_static, free_gpu_memory_fraction
  std::int64_t num_gpu_blocks = 0;          // max_total_tokens, max_tokens; 0: from the memory that is left
  std::int32_t block_size = 0;              // tokens; page_size, tokens_per_block
  bool prefix_caching = true;               // without token ids nothing can match, so it changes nothing yet
  bool async_scheduling = true;             // the overlap schedule, the overlap scheduler
  double kv_offloading_size = 0;            // GiB of the host's memory for all ranks' KV blocks; vLLM's alone

  // SGLang's alone.
  std::int32_t max_prefill_tokens = 0;   // in a step of prompts, where it has several
  std::string schedule_policy = "fcfs";  // or "lpm", the longest prefix match first
  double schedule_conservativeness = 1;  // scales what running requests are expected to need
  bool enable_mixed_chunk = false;       // prompts and decoding sequences share steps

  // TensorRT-LLM's alone.
  std::string capacity_scheduler_policy = "GUARANTEED_NO_EVICT";  // or "MAX_UTILIZATION"
  bool enable_chunked_prefill = false;

  HostTimes host = {};             // of an ideal host by default
  core::Bytes outside_torch = {};  // of a rank, vLLM's alone: outside_torch_of() knows it; nothing by default
  bool fresh = false;              // just started: the first steps take longer, where the host's file says so
};

// The names that Engine::policy may take.
std::vector<std::string> engine_policies();

// Throws core::InputError where resolved settings contradict each other, as the engines do: an unknown policy, a share
// outside 0..1, for vLLM max_num_batched_tokens below max_num_seqs.
void check(const Engine& resolved_engine);

// The engine's defaults for an API server on this deployment (of vLLM 0.19; of the others: engine_defaults.h) put where
// `engine` has 0, then check()ed.
Engine resolved(const Engine& engine, const model::Deployment& deployment);
// Tokens of a block: block_size, or the engine's default where that is 0.
std::int32_t block_tokens(const Engine& engine);

// KV cache of one replica: what there is room for, and why.
struct KvCapacity {
  std::int64_t blocks = 0;    // of block_size tokens, vLLM's null block included; 0 where the model does not fit
  double bytes_per_rank = 0;  // what a rank has left for KV; negative where the model does not fit
  double bytes_per_block_rank = 0;
  double short_gb = 0;  // 10^9 bytes by which a rank's weights are too many to hold one block beside them
};

// gpu_memory_utilization x memory - weights - activation peak - outside_torch, in whole blocks,
// or num_gpu_blocks (vllm/v1/worker/gpu_worker.py, determine_available_memory). Never throws for lack of room.
KvCapacity kv_capacity(const Engine& resolved_engine, const model::Deployment& deployment);

}  // namespace wordline::serve
