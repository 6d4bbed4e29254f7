// What config.json files have in common: the keys of Hugging Face transformers, read with bounds.
#pragma once

#include <initializer_list>
#include <string_view>

#include "wordline/model/architecture.h"

namespace wordline::model {

// Largest values taken: far above any model, and such that every count of parameters fits 64 bits.
inline constexpr std::int64_t largest_depth = 1 << 10;   // layers
inline constexpr std::int64_t largest_number = 1 << 12;  // heads, numbers of a head, experts
inline constexpr std::int64_t largest_expert = 1 << 16;  // columns of an expert
inline constexpr std::int64_t largest_width = 1 << 20;   // hidden and feed-forward
inline constexpr std::int64_t largest_range = 1 << 28;   // vocabulary, positions

// Whether the key is there and not null.
bool is_given(const core::Reader& config, std::string_view key);
// A whole number from `least` up to `largest`; the fallback where the key is left out or null.
int count(const core::Reader& config, std::string_view key, std::int64_t largest, std::int64_t least = 1);
int count_or(const core::Reader& config, std::string_view key, int fallback, std::int64_t largest,
             std::int64_t least = 1);
// Throws core::InputError naming all of the keys that are left out or null.
void require(const core::Reader& config, std::initializer_list<const char*> keys);

// hidden_size, vocab_size, max_position_embeddings, tied embeddings; gated SiLU only.
Architecture read_shape(const core::Reader& config);
// num_hidden_layers.
int read_depth(const core::Reader& config);
// num_attention_heads, num_key_value_heads, head_dim.
Attention read_grouped_attention(const core::Reader& config, int hidden);
// Latent attention, as DeepSeek-V2 and V3 write it.
Attention read_latent_attention(const core::Reader& config);
// intermediate_size.
FeedForward read_feed_forward(const core::Reader& config);
// A dense grouped-query decoder: every layer the same.
Architecture read_dense_decoder(const core::Reader& config);
// Experts with their number and width under these keys, num_experts_per_tok of them a token.
Experts read_experts(const core::Reader& config, std::string_view number, std::string_view width);
// DeepSeek-V2, V3 and what follows their shape: latent attention, first_k_dense_replace dense layers, then experts.
Architecture read_deepseek(const core::Reader& config);

// sliding_window, 0 where it is left out or no shorter than the longest sequence.
int read_window(const core::Reader& config, int max_positions);
// Window of each layer: layer_types where stated ("sliding_attention", "full_attention"), else `by_default`.
std::vector<int> read_windows(const core::Reader& config, int layers, const std::vector<int>& by_default);
// The windows of Qwen2 and Qwen3: none unless use_sliding_window, then in layers from max_window_layers on.
std::vector<int> read_qwen_windows(const core::Reader& config, int layers);
// Makes every layer `layer` but for its window: one for each layer.
void set_windows(Architecture&, Layer layer, const std::vector<int>& windows);

// Module names of the Llama kind: self_attn.q_proj, mlp.gate_proj, mlp.experts.0.gate_proj.
ModuleNames llama_modules();
// With the projections of latent attention, and mlp.shared_experts.
ModuleNames deepseek_modules();

}  // namespace wordline::model
