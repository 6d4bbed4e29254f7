// Mixtral (transformers, MixtralForCausalLM): Mistral's attention, every feed-forward a set of experts.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  require(config, {"num_local_experts", "num_experts_per_tok"});
  Architecture out = read_dense_decoder(config);
  Layer& layer = out.kinds.front();
  layer.attention.window = read_window(config, out.max_positions);
  layer.feed_forward = {};
  layer.feed_forward.experts = read_experts(config, "num_local_experts", "intermediate_size");
  return out;
}

ModuleNames modules() {
  ModuleNames out = llama_modules();
  out.of[static_cast<std::size_t>(Part::experts)] = {"block_sparse_moe.experts.0.w1", "block_sparse_moe.experts.0.w2",
                                                     "block_sparse_moe.experts.0.w3"};
  return out;
}

}  // namespace

extern const Family mixtral;
const Family mixtral{"mixtral", read, modules};

}  // namespace wordline::model::policy
