// Mistral without a sliding window (transformers, MistralForCausalLM): Llama's shape, no biases.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_dense_decoder(config);
  if (is_given(config, "sliding_window") && config.integer("sliding_window", 1) < out.max_positions)
    config.fail("sliding_window", "null: attention over a sliding window is not modelled");
  return out;
}

}  // namespace

extern const Family mistral;
const Family mistral{"mistral", read};

}  // namespace wordline::model::policy
