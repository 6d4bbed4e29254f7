// What the catalogue knows of an engine's version (catalog/serving): memory that none of its settings tells.
#pragma once

#include <string>

#include "wordline/core/catalog.h"
#include "wordline/core/units.h"

namespace wordline::serve {

// For Engine::outside_torch. "vllm-v1" is of vLLM 0.19; the rules of the other engines know no such part: 0.
core::Bytes outside_torch_of(const core::Catalog& catalog, const std::string& policy);

// From catalog/serving/NAME.toml; throws core::InputError with the nearest name for an unknown one.
core::Bytes load_outside_torch(const core::Catalog& catalog, const std::string& name);

}  // namespace wordline::serve
