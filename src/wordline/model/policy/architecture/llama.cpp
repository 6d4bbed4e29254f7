// Llama 1 to 3.x (transformers, LlamaForCausalLM): grouped-query attention, gated SiLU, RMSNorm, rotary positions.
// Rotary scaling changes no shape.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  Layer& layer = out.kinds.front();
  layer.attention.qkv_bias = layer.attention.output_bias = config.flag_or("attention_bias", false);
  layer.feed_forward.bias = config.flag_or("mlp_bias", false);
  return out;
}

}  // namespace

extern const Family llama;
const Family llama{"llama", read, llama_modules};

}  // namespace wordline::model::policy
