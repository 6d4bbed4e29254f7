// Qwen2 and Qwen2.5 (transformers, Qwen2ForCausalLM): Llama's shape with biases on query, key and value.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  if (config.flag_or("use_sliding_window", false))
    config.fail("use_sliding_window", "false: attention over a sliding window is not modelled");
  out.attention.qkv_bias = true;
  return out;
}

}  // namespace

extern const Family qwen2;
const Family qwen2{"qwen2", read};

}  // namespace wordline::model::policy
