// One step of a model: what goes in, and what it costs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "wordline/chip/kernel.h"
#include "wordline/core/units.h"

namespace wordline::model {

// A piece of one sequence's prompt: `new_tokens` after `context_tokens` whose keys and values are already there.
struct PrefillChunk {
  std::int64_t new_tokens = 0, context_tokens = 0;
  // Not of a prompt: the latest token of a decoding sequence and drafts to be verified, each with a row of logits.
  bool drafts = false;
};

// What one step works on. Every sequence, prompts in part included, gets one row of logits, as in vLLM v1.
struct StepShape {
  std::int64_t decode_sequences = 0;
  std::int64_t decode_context_tokens = 0;  // KV tokens of all of them together, before the step
  std::vector<PrefillChunk> prefill;
  // Rows without a token that the projections and the feed-forward compute besides, where the step replays a graph that
  // was captured for more tokens.
  std::int64_t padding = 0;
  // Of each decoding sequence: new tokens (one, and as many more as drafts are verified: Leviathan et al. 2023) and
  // rows of logits.
  std::int64_t decode_queries = 1, decode_rows = 1;

  std::int64_t tokens() const;         // new tokens in the step
  std::int64_t prompt_tokens() const;  // of them, those of prompts
  std::int64_t sequences() const;      // decode sequences and chunks
  std::int64_t logits_rows() const;
};

// Time and energy of a step on the whole group, host time not included. Sums of whole ticks: exact.
struct StepCost {
  core::Seconds time;
  core::Joules joules;                               // of all ranks
  std::array<core::Seconds, chip::bounds> by_bound;  // what `time` consists of, indexed by chip::Bound
  chip::Bound bound() const;                         // the largest share
  StepCost& operator+=(const StepCost&);
};

}  // namespace wordline::model
