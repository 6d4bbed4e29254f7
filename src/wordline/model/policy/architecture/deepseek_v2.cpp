// DeepSeek-V2 (transformers, DeepseekV2ForCausalLM): latent attention, shared and routed experts, no correction bias.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  if (is_given(config, "topk_method")) config.choice("topk_method", {"greedy", "group_limited_greedy"});
  Architecture out = read_deepseek(config);
  for (auto& kind : out.kinds)
    if (kind.feed_forward.experts) kind.feed_forward.experts->correction_bias = false;
  return out;
}

// Queries go through a smaller vector in the large model only.
ModuleNames modules() {
  ModuleNames out = deepseek_modules();
  out.of[static_cast<std::size_t>(Part::attention_in)] = {"self_attn.kv_a_proj_with_mqa", "self_attn.kv_b_proj"};
  return out;
}

}  // namespace

extern const Family deepseek_v2;
const Family deepseek_v2{"deepseek_v2", read, modules};

}  // namespace wordline::model::policy
