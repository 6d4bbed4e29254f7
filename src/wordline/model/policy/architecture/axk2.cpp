// A.X K2 (SK Telecom; vLLM, AXK2Config): A.X K1's shape where attention_output_gate and gated_norm are switched off,
// both of which a file must say; gated layers and index_topk are not modelled.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  require(config, {"attention_output_gate", "gated_norm", "max_position_embeddings"});
  for (const char* gate : {"attention_output_gate", "gated_norm"})
    if (config.flag_or(gate, false)) config.fail(gate, "false: gates are not modelled");
  if (is_given(config, "index_topk")) config.fail("index_topk", "null: attention chosen by an indexer is not modelled");
  Architecture out = read_deepseek(config);
  for (auto& kind : out.kinds) kind.post_norm = kind.feed_forward.experts.has_value();
  return out;
}

}  // namespace

extern const Family axk2;
const Family axk2{"axk2", read, deepseek_modules};

}  // namespace wordline::model::policy
