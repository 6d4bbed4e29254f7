// A.X K1 (SK Telecom; transformers, AXK1ForCausalLM): DeepSeek-V3's shape, and a norm on the output of the experts.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) {
  Architecture out = read_deepseek(config);
  for (auto& kind : out.kinds) kind.post_norm = kind.feed_forward.experts.has_value();
  return out;
}

}  // namespace

extern const Family axk1;
const Family axk1{"axk1", read, deepseek_modules};

}  // namespace wordline::model::policy
