// Qwen2 and Qwen2.5 (transformers, Qwen2ForCausalLM): Llama's shape with biases on query, key and value.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  Layer layer = out.kinds.front();
  layer.attention.qkv_bias = true;
  std::vector<Layer> layers;
  for (const int window : read_qwen_windows(config, out.layers())) {
    layer.attention.window = window;
    layers.push_back(layer);
  }
  set_layers(out, layers);
  return out;
}

}  // namespace

extern const Family qwen2;
const Family qwen2{"qwen2", read, llama_modules};

}  // namespace wordline::model::policy
