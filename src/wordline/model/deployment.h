// A model on a group of chips, and what it takes of each chip's memory.
#pragma once

#include <cstdint>

#include "wordline/chip/chip.h"
#include "wordline/core/units.h"
#include "wordline/model/architecture.h"

namespace wordline::model {

// One replica: the model split over `tp` chips by tensor parallelism (Megatron-LM's split: Shoeybi et al. 2019).
struct Deployment {
  Architecture architecture;
  chip::Chip chip;
  int tp = 1;
  chip::Dtype weights = chip::Dtype::bf16;
  chip::Dtype kv = chip::Dtype::bf16;
  int kv_block_tokens = 16;  // tokens of one KV block: the piece in which decode attention reads (vLLM's default)
};

// Throws core::InputError where the model cannot be split so, naming the numbers: heads and feed-forward width must
// divide by tp, KV heads must divide by tp or tp by them (then KV heads are replicated).
void check_split(const Deployment&);
// The same, and where the chip's port joins fewer than tp.
void check(const Deployment&);

// KV heads that each rank holds: replicated where tp exceeds them.
int kv_heads_per_rank(const Deployment&);
// Rows of the embedding and columns of the output matrix that each rank holds: rounded up.
int vocabulary_per_rank(const Deployment&);

// What one rank holds in its memory.
struct MemoryUse {
  core::Bytes weights;
  core::Bytes kv_per_token;
  core::Bytes activations;  // the peak inside one step
};
// Activations: residual stream, norm's output, gate, up and their product for `max_num_batched_tokens` tokens, and the
// logits of `max_num_seqs` sequences in bf16 and 32-bit.
MemoryUse memory_of(const Deployment&, std::int64_t max_num_batched_tokens, std::int64_t max_num_seqs = 256);

}  // namespace wordline::model
