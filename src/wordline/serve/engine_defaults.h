// What the engines beside vLLM choose where the user leaves it to them, and what they take of the memory.
#pragma once

#include <cstdint>
#include <string>

#include "wordline/serve/engine.h"

namespace wordline::serve {

// Puts the defaults of the engine's policy where it has 0; its max_model_len and block_size are set already. Of SGLang
// 0.5.6 (server_args.py, model_runner.py), of TensorRT-LLM 1.2 (llmapi/llm_args.py), of "static-batching" our own.
void set_defaults(Engine& engine, const model::Deployment& deployment);

// Tokens of a KV block: SGLang's page_size 1, TensorRT-LLM's tokens_per_block 32, otherwise 16.
std::int32_t default_block_tokens(const std::string& policy);

// As kv_capacity(). SGLang: mem_fraction_static x memory - weights; what it leaves is for activations and graphs.
// TensorRT-LLM: free_gpu_memory_fraction x (memory - weights - activation peak). "static-batching": as vLLM.
KvCapacity kv_capacity_beside_vllm(const Engine& resolved_engine, const model::Deployment& deployment);

}  // namespace wordline::serve
