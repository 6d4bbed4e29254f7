// The keys of DeepSeek-V2 and V3, which several later models share.
#include <fmt/format.h>

#include "wordline/model/config.h"

namespace wordline::model {

Attention read_latent_attention(const core::Reader& config) {
  Attention out;
  LatentAttention latent;
  out.heads = count(config, "num_attention_heads", largest_number);
  latent.q_rank = count_or(config, "q_lora_rank", 0, largest_width);
  latent.kv_rank = count(config, "kv_lora_rank", largest_width);
  latent.nope_dim = count(config, "qk_nope_head_dim", largest_number);
  latent.rope_dim = count(config, "qk_rope_head_dim", largest_number);
  latent.value_dim = count(config, "v_head_dim", largest_number);
  out.kv_heads = out.heads;
  out.head_dim = latent.nope_dim + latent.rope_dim;
  out.latent = latent;
  if (config.flag_or("attention_bias", false))
    config.fail("attention_bias", "false: biases in latent attention are not modelled");
  return out;
}

Architecture read_deepseek(const core::Reader& config) {
  require(config, {"num_hidden_layers", "hidden_size", "vocab_size", "max_position_embeddings", "num_attention_heads",
                   "intermediate_size", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim",
                   "moe_intermediate_size", "n_routed_experts", "num_experts_per_tok", "first_k_dense_replace"});
  Architecture out = read_shape(config);
  const int layers = read_depth(config);
  Layer dense, sparse;
  dense.attention = sparse.attention = read_latent_attention(config);
  dense.feed_forward = read_feed_forward(config);
  Experts experts = read_experts(config, "n_routed_experts", "moe_intermediate_size");
  experts.shared_width = experts.width * count_or(config, "n_shared_experts", 0, 64, 0);
  experts.correction_bias = config.text_or("topk_method", "noaux_tc") == "noaux_tc";
  sparse.feed_forward.experts = experts;
  if (is_given(config, "moe_layer_freq")) config.integer("moe_layer_freq", 1, 1);
  const int first = count(config, "first_k_dense_replace", largest_number, 0);
  if (first > layers) config.fail("first_k_dense_replace", fmt::format("at most num_hidden_layers = {}", layers));
  std::vector<Layer> all(static_cast<std::size_t>(first), dense);
  all.resize(static_cast<std::size_t>(layers), sparse);
  set_layers(out, all);
  out.draft_layers = count_or(config, "num_nextn_predict_layers", 0, largest_number, 0);
  return out;
}

}  // namespace wordline::model
