// Mistral (transformers, MistralForCausalLM): Llama's shape, no biases; sliding_window in every layer where stated.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  out.kinds.front().attention.window = read_window(config, out.max_positions);
  return out;
}

}  // namespace

extern const Family mistral;
const Family mistral{"mistral", read, llama_modules};

}  // namespace wordline::model::policy
