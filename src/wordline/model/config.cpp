#include "wordline/model/config.h"

#include <limits>

#include "wordline/core/error.h"

namespace wordline::model {

namespace {

// Largest values taken: far above any model, and such that every count of parameters fits 64 bits.
constexpr std::int64_t largest_depth = 1 << 12;  // layers, heads, numbers of a head
constexpr std::int64_t largest_width = 1 << 20;  // hidden and feed-forward
constexpr std::int64_t largest_range = 1 << 28;  // vocabulary, positions

int count(const core::Reader& config, std::string_view key, std::int64_t largest) {
  return static_cast<int>(config.integer(key, 1, largest));
}

int count_or(const core::Reader& config, std::string_view key, int fallback, std::int64_t largest) {
  return is_given(config, key) ? count(config, key, largest) : fallback;
}

chip::Dtype stated_dtype(const core::Reader& config) {
  if (!is_given(config, "quantization_config")) return chip::Dtype::bf16;
  config.table("quantization_config").choice("quant_method", {"fp8"});
  return chip::Dtype::fp8;
}

Attention read_attention(const core::Reader& config, int hidden) {
  Attention out;
  out.heads = count(config, "num_attention_heads", largest_depth);
  out.kv_heads = count_or(config, "num_key_value_heads", out.heads, largest_depth);
  if (out.heads % out.kv_heads != 0)
    config.fail("num_key_value_heads", "a divisor of num_attention_heads = " + std::to_string(out.heads));
  if (!is_given(config, "head_dim") && hidden % out.heads != 0)
    config.fail("num_attention_heads",
                "a divisor of hidden_size = " + std::to_string(hidden) + ", or head_dim beside it");
  out.head_dim = count_or(config, "head_dim", hidden / out.heads, largest_depth);
  return out;
}

}  // namespace

bool is_given(const core::Reader& config, std::string_view key) {
  return config.has(key) && !std::holds_alternative<std::monostate>(config.value(key).data);
}

Architecture read_dense_decoder(const core::Reader& config) {
  Architecture out;
  out.model_type = config.text("model_type");
  out.layers = count(config, "num_hidden_layers", largest_depth);
  out.hidden = count(config, "hidden_size", largest_width);
  out.vocabulary = count(config, "vocab_size", largest_range);
  out.max_positions = count(config, "max_position_embeddings", largest_range);
  out.attention = read_attention(config, out.hidden);
  out.feed_forward.width = count(config, "intermediate_size", largest_width);
  if (is_given(config, "hidden_act")) config.choice("hidden_act", {"silu"});
  out.tied_embeddings = config.flag_or("tie_word_embeddings", false);
  out.stated = stated_dtype(config);
  return out;
}

}  // namespace wordline::model
