// Qwen3 (transformers, Qwen3ForCausalLM): Llama's shape with a norm over each head of queries and keys.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  Layer layer = out.kinds.front();
  layer.attention.qk_norm = true;
  layer.attention.qkv_bias = layer.attention.output_bias = config.flag_or("attention_bias", false);
  set_windows(out, layer, read_qwen_windows(config, out.layers()));
  return out;
}

}  // namespace

extern const Family qwen3;
const Family qwen3{"qwen3", read, llama_modules};

}  // namespace wordline::model::policy
