// gpt-oss (transformers, GptOssForCausalLM): every second layer looks back over a window, softmax with sinks, biases
// everywhere, experts in every layer.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  require(config, {"num_local_experts", "num_experts_per_tok", "sliding_window"});
  Architecture out = read_dense_decoder(config);
  const int window = count(config, "sliding_window", largest_range);
  Layer layer = out.kinds.front();
  layer.attention.qkv_bias = layer.attention.output_bias = config.flag_or("attention_bias", true);
  layer.attention.sinks = true;
  layer.feed_forward = {};
  Experts experts = read_experts(config, "num_local_experts", "intermediate_size");
  experts.bias = experts.router_bias = true;
  layer.feed_forward.experts = experts;
  std::vector<int> alternating(static_cast<std::size_t>(out.layers()), 0);
  for (std::size_t i = 0; i < alternating.size(); i += 2) alternating[i] = window;
  std::vector<Layer> layers;
  for (const int seen : read_windows(config, out.layers(), alternating)) {
    layer.attention.window = seen;
    layers.push_back(layer);
  }
  set_layers(out, layers);
  return out;
}

ModuleNames modules() {
  ModuleNames out = llama_modules();
  out.of[static_cast<std::size_t>(Part::experts)] = {"mlp.experts.gate_up_proj", "mlp.experts.down_proj"};
  return out;
}

}  // namespace

extern const Family gpt_oss;
const Family gpt_oss{"gpt_oss", read, modules};

}  // namespace wordline::model::policy
