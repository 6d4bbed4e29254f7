// DeepSeek-V3 and R1 (transformers, DeepseekV3ForCausalLM): latent attention, shared and routed experts. The layer that
// drafts a second token (num_nextn_predict_layers) is left out, as in the 671 B that the model card states.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) { return read_deepseek(config); }

}  // namespace

extern const Family deepseek_v3;
const Family deepseek_v3{"deepseek_v3", read, deepseek_modules};

}  // namespace wordline::model::policy
