#include "wordline/model/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wordline/core/error.h"

namespace wordline::model {

bool is_given(const core::Reader& config, std::string_view key) {
  return config.has(key) && !std::holds_alternative<std::monostate>(config.value(key).data);
}

int count(const core::Reader& config, std::string_view key, std::int64_t largest, std::int64_t least) {
  return static_cast<int>(config.integer(key, least, largest));
}

int count_or(const core::Reader& config, std::string_view key, int fallback, std::int64_t largest, std::int64_t least) {
  return is_given(config, key) ? count(config, key, largest, least) : fallback;
}

void require(const core::Reader& config, std::initializer_list<const char*> keys) {
  std::vector<std::string> missing;
  for (const char* key : keys)
    if (!is_given(config, key)) missing.push_back(key);
  if (missing.size() == 1) config.value(missing.front());  // names a misspelt one
  if (!missing.empty())
    throw core::InputError(
        config.where(), missing.size() == 1 ? "null for it" : "no such keys",
        fmt::format("the key{} \"{}\"", missing.size() == 1 ? "" : "s", fmt::join(missing, "\", \"")));
}

Architecture read_shape(const core::Reader& config) {
  Architecture out;
  out.hidden = count(config, "hidden_size", largest_width);
  out.vocabulary = count(config, "vocab_size", largest_range);
  out.max_positions = count(config, "max_position_embeddings", largest_range);
  if (is_given(config, "hidden_act")) config.choice("hidden_act", {"silu"});
  out.tied_embeddings = config.flag_or("tie_word_embeddings", false);
  return out;
}

int read_depth(const core::Reader& config) { return count(config, "num_hidden_layers", largest_depth); }

Attention read_grouped_attention(const core::Reader& config, int hidden) {
  Attention out;
  out.heads = count(config, "num_attention_heads", largest_number);
  out.kv_heads = count_or(config, "num_key_value_heads", out.heads, largest_number);
  if (out.heads % out.kv_heads != 0)
    config.fail("num_key_value_heads", fmt::format("a divisor of num_attention_heads = {}", out.heads));
  if (!is_given(config, "head_dim") && hidden % out.heads != 0)
    config.fail("num_attention_heads", fmt::format("a divisor of hidden_size = {}, or head_dim beside it", hidden));
  out.head_dim = count_or(config, "head_dim", hidden / out.heads, largest_number);
  return out;
}

FeedForward read_feed_forward(const core::Reader& config) {
  FeedForward out;
  out.width = count(config, "intermediate_size", largest_width);
  return out;
}

Architecture read_dense_decoder(const core::Reader& config) {
  require(config, {"num_hidden_layers", "hidden_size", "vocab_size", "max_position_embeddings", "num_attention_heads",
                   "intermediate_size"});
  Architecture out = read_shape(config);
  Layer layer;
  layer.attention = read_grouped_attention(config, out.hidden);
  layer.feed_forward = read_feed_forward(config);
  set_layers(out, std::vector<Layer>(static_cast<std::size_t>(read_depth(config)), layer));
  return out;
}

Experts read_experts(const core::Reader& config, std::string_view number, std::string_view width) {
  Experts out;
  out.count = count(config, number, largest_number);
  out.top_k = count(config, "num_experts_per_tok", largest_number);
  if (out.top_k > out.count)
    config.fail("num_experts_per_tok", fmt::format("at most {} = {}", std::string(number), out.count));
  out.width = count(config, width, largest_expert);
  return out;
}

int read_window(const core::Reader& config, int max_positions) {
  const int window = count_or(config, "sliding_window", 0, largest_range);
  return window < max_positions ? window : 0;
}

std::vector<int> read_windows(const core::Reader& config, int layers, const std::vector<int>& by_default) {
  if (!is_given(config, "layer_types")) return by_default;
  const auto types = config.texts("layer_types");
  if (types.size() != static_cast<std::size_t>(layers))
    config.fail("layer_types", fmt::format("as many as num_hidden_layers = {}", layers));
  std::vector<int> out;
  for (const auto& type : types) {
    if (type != "full_attention" && type != "sliding_attention")
      throw core::InputError(config.where("layer_types"), fmt::format("the layer type \"{}\"", type),
                             "full_attention or sliding_attention",
                             core::nearest_name(type, {"full_attention", "sliding_attention"}));
    out.push_back(type == "sliding_attention" ? count(config, "sliding_window", largest_range) : 0);
  }
  return out;
}

std::vector<int> read_qwen_windows(const core::Reader& config, int layers) {
  std::vector<int> by_default(static_cast<std::size_t>(layers), 0);
  if (!config.flag_or("use_sliding_window", false)) return by_default;
  const int window = count(config, "sliding_window", largest_range);
  const int first = count_or(config, "max_window_layers", 28, largest_number, 0);
  for (int i = first; i < layers; ++i) by_default[static_cast<std::size_t>(i)] = window;
  return read_windows(config, layers, by_default);
}

ModuleNames llama_modules() {
  return {{{{"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"},
            {"self_attn.o_proj"},
            {"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"},
            {},
            {"mlp.experts.0.gate_proj", "mlp.experts.0.up_proj", "mlp.experts.0.down_proj"}}}};
}

ModuleNames deepseek_modules() {
  ModuleNames out = llama_modules();
  out.of[0] = {"self_attn.q_a_proj", "self_attn.q_b_proj", "self_attn.kv_a_proj_with_mqa", "self_attn.kv_b_proj"};
  out.of[3] = {"mlp.shared_experts.gate_proj", "mlp.shared_experts.up_proj", "mlp.shared_experts.down_proj"};
  return out;
}

void set_windows(Architecture& a, Layer layer, const std::vector<int>& windows) {
  std::vector<Layer> layers;
  for (const int window : windows) {
    layer.attention.window = window;
    layers.push_back(layer);
  }
  set_layers(a, layers);
}

}  // namespace wordline::model
