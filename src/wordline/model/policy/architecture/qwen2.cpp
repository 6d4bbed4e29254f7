// Qwen2 and Qwen2.5 (transformers, Qwen2ForCausalLM): Llama's shape with biases on query, key and value.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  Layer layer = out.kinds.front();
  layer.attention.qkv_bias = true;
  set_windows(out, layer, read_qwen_windows(config, out.layers()));
  return out;
}

}  // namespace

extern const Family qwen2;
const Family qwen2{"qwen2", read, llama_modules};

}  // namespace wordline::model::policy
