// Qwen3 with experts (transformers, Qwen3MoeForCausalLM): layers of mlp_only_layers, and those that decoder_sparse_step
// leaves out, are dense.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  require(config, {"num_experts", "num_experts_per_tok", "moe_intermediate_size"});
  Architecture out = read_dense_decoder(config);
  if (config.flag_or("use_sliding_window", false))
    config.fail("use_sliding_window", "false: in this family servers do not agree on what a window means");
  if (is_given(config, "shared_expert_intermediate_size")) config.integer("shared_expert_intermediate_size", 0, 0);
  Layer dense = out.kinds.front();
  dense.attention.qk_norm = true;
  dense.attention.qkv_bias = dense.attention.output_bias = config.flag_or("attention_bias", false);
  Layer sparse = dense;
  sparse.feed_forward = {};
  sparse.feed_forward.experts = read_experts(config, "num_experts", "moe_intermediate_size");

  const int step = count_or(config, "decoder_sparse_step", 1, largest_depth);
  std::vector<Layer> layers;
  for (int i = 0; i < out.layers(); ++i) layers.push_back((i + 1) % step == 0 ? sparse : dense);
  if (is_given(config, "mlp_only_layers"))
    for (const auto i : config.integers("mlp_only_layers")) {
      if (i < 0 || i >= out.layers()) config.fail("mlp_only_layers", "numbers of layers, from 0");
      layers[static_cast<std::size_t>(i)] = dense;
    }
  set_layers(out, layers);
  return out;
}

}  // namespace

extern const Family qwen3_moe;
const Family qwen3_moe{"qwen3_moe", read, llama_modules};

}  // namespace wordline::model::policy
