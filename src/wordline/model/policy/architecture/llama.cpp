// Llama 1 to 3.x (transformers, LlamaForCausalLM): grouped-query attention, gated SiLU, RMSNorm, rotary positions.
// Rotary scaling changes no shape.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  out.attention.qkv_bias = out.attention.output_bias = config.flag_or("attention_bias", false);
  out.feed_forward.bias = config.flag_or("mlp_bias", false);
  return out;
}

}  // namespace

extern const Family llama;
const Family llama{"llama", read};

}  // namespace wordline::model::policy
