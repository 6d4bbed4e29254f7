// Kimi K2 (moonshotai, DeepseekV3ForCausalLM under its own model_type): DeepSeek-V3's shape.
#include "wordline/model/config.h"

namespace wordline::model::policy {

namespace {

Architecture read(const core::Reader& config) { return read_deepseek(config); }

}  // namespace

extern const Family kimi_k2;
const Family kimi_k2{"kimi_k2", read, deepseek_modules};

}  // namespace wordline::model::policy
