// What config.json files of the Llama kind have in common.
#pragma once

#include "wordline/model/architecture.h"

namespace wordline::model {

// Reads the keys that all dense grouped-query decoders share (Hugging Face transformers, LlamaConfig). Rejects what is
// not modelled exactly: activations that are not gated SiLU, quantisations other than fp8.
Architecture read_dense_decoder(const core::Reader& config);

// Whether the key is there and not null.
bool is_given(const core::Reader& config, std::string_view key);

}  // namespace wordline::model
