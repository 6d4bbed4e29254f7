// The ops of a step in parts, by what they depend on: StepTimer remembers the first two and computes the others.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/model/ops.h"

namespace wordline::model {

// Sequences that decode: how many, the KV tokens of all together before the step, the new tokens of each.
struct Decoding {
  std::int64_t sequences = 0, context_tokens = 0, queries = 1;
};
inline Decoding decoding_of(const StepShape& shape) {
  return {shape.decode_sequences, shape.decode_context_tokens, shape.decode_queries};
}

// All that depends on the number of new tokens alone: embedding, norms, projections, rotary positions, feed-forward,
// experts, the transfers between them.
std::vector<Op> token_ops(const Deployment&, std::int64_t tokens);
// All that depends on the rows of logits alone: output matrix, gathering, sampling.
std::vector<Op> logits_ops(const Deployment&, std::int64_t rows);
// Attention of prompt chunks over cached keys and values and themselves. Causal: each new token meets all before it and
// itself, n c + n (n + 1) / 2 pairs of n new tokens after c, fewer in a window. Latent attention first makes keys and
// values from the cached vectors.
// Where attention is joint, the sequences that decode in the same step go along in the same kernels.
std::vector<Op> prefill_ops(const Deployment&, const std::vector<PrefillChunk>&, const Decoding& beside = {});
// Whether a step's chunks and decoding sequences share their attention kernels: as the chip's library has it, but for
// latent attention, whose two forms are different products.
bool joint_attention(const Deployment&);
// Attention of each sequence's new tokens over the summed context and themselves. Several new tokens share one read of
// the keys and values: the queries of all heads of a KV head, of all new tokens, are rows of one product
// (FlashAttention's packed GQA), the mask leaving out none. With a window, each sequence is taken to have the mean
// context, the sum being all that is known: exact where all are equal or all exceed the window.
std::vector<Op> decode_ops(const Deployment&, const Decoding&);

// The same for many steps of one deployment, without making the list anew; equal ops of several kinds of layers stay
// apart.
class DecodeOps {
 public:
  explicit DecodeOps(const Deployment&);
  // Valid until the next call.
  const std::vector<Op>& at(const Decoding&);

 private:
  std::vector<Op> ops_;
  std::vector<int> windows_, heads_;  // of the layers that each op stands for; no window: 0
};

// Query-key pairs of n new tokens after c cached ones, and the keys they meet; window 0: all.
double pairs_of(std::int64_t n, std::int64_t c, int window);
std::int64_t keys_of(std::int64_t n, std::int64_t c, int window);

}  // namespace wordline::model
