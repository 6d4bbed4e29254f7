// What a step takes that also drafts the tokens to be verified in the next one.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "wordline/serve/server.h"

namespace wordline::serve {

// The draft model's passes after a step of this shape, as vLLM's proposer makes them (vllm/v1/spec_decode: eagle.py,
// draft_model.py): the first one over the same tokens, rejected ones included, and the new token of each sequence,
// with one row of logits a sequence; then one token of each sequence, `drafts` - 1 times. These meet the verified
// tokens alone: how many there are is taken as the mean, `accepted` drafts a sequence.
std::vector<model::StepShape> draft_passes(const model::StepShape& shape, std::int32_t drafts, double accepted);

// The model's own step, then those passes of the draft model; their times, energies and bounds are summed up. `padding`
// is what a pass of so many tokens is padded with.
StepTime with_draft(StepTime target, StepTime draft, std::int32_t drafts, double accepted,
                    std::function<std::int64_t(std::int64_t tokens)> padding);

}  // namespace wordline::serve
