// The ops of a step in three parts, by what they depend on: StepTimer remembers the first two and computes the third.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/model/ops.h"

namespace wordline::model {

// All that depends on the number of new tokens alone: embedding, norms, projections, rotary positions, all-reduces.
std::vector<Op> token_ops(const Deployment&, std::int64_t tokens);
// All that depends on the rows of logits alone: output matrix, gathering, sampling.
std::vector<Op> logits_ops(const Deployment&, std::int64_t rows);
// Attention over cached keys and values. Causal prefill multiplies each new token with all before it: per chunk
// n c + n (n + 1) / 2 pairs of n new tokens after c; decode with the summed context and itself.
chip::Kernel prefill_attention(const Deployment&, const std::vector<PrefillChunk>&);
chip::Kernel decode_attention(const Deployment&, std::int64_t sequences, std::int64_t context_tokens);

}  // namespace wordline::model
